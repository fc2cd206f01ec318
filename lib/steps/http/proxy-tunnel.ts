import { type IncomingMessage, type OutgoingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import { basicAuthorization, withoutUser } from './address-user';

/** A connection to the server itself, through a proxy that cannot read what passes through it. */
export async function tunnelTo(url: URL, proxy: URL, signal: AbortSignal) {
  const path = `${url.hostname}:${url.port || 443}`;
  const headers = { host: path, ...forProxy(proxy) };
  const request = requestTo(proxy)(withoutUser(proxy), { method: 'CONNECT', path, headers, signal, agent: false });
  return new Promise<Socket>((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (answer) => reject(proxyRefused(proxy, answer)));
    request.once('connect', (answer, socket) => {
      if (answer.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(proxyRefused(proxy, answer));
    });
    request.end();
  });
}

function proxyRefused(proxy: URL, answer: IncomingMessage): Error {
  return new Error(`the proxy '${proxy.host}' answered ${answer.statusCode} ${answer.statusMessage}`);
}

/** The function of Node.js that sends a request to the server or proxy at that address. */
export function requestTo(url: URL): typeof requestHttp {
  return url.protocol === 'https:' ? requestHttps : requestHttp;
}

/** The headers that the proxy itself needs. */
export function forProxy(proxy: URL): OutgoingHttpHeaders {
  const authorization = basicAuthorization(proxy);
  return authorization === undefined ? {} : { 'proxy-authorization': authorization };
}
