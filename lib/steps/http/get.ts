import { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect as connectTls } from 'node:tls';
import { proxyFor } from './proxy';
import { basicAuthorization, withoutUser } from './address-user';
import { tunnelTo, requestTo, forProxy } from './proxy-tunnel';

const MOST_REDIRECTS = 10;
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * Requests an address and returns the answer once its head has arrived. Not `fetch`, which ignores the environment's
 * proxy and refuses an address with a user. User and password are sent as basic authentication, but not to another
 * server that the first one redirects to; neither are `secret` headers, which take precedence over the user and
 * password of the address.
 */
export async function get(
  url: string,
  headers: OutgoingHttpHeaders,
  signal: AbortSignal,
  secret: OutgoingHttpHeaders = {},
): Promise<IncomingMessage> {
  const first = new URL(url);
  let next = first;
  for (let redirects = 0; ; redirects++) {
    const own = next.origin === first.origin;
    const authorization = basicAuthorization(next) ?? (own ? basicAuthorization(first) : undefined);
    const all = { ...headers, ...(authorization && { authorization }), ...(own ? lowerCase(secret) : {}) };
    const answer = await getOnce(next, all, signal);
    const { location } = answer.headers;
    if (location === undefined || !REDIRECTS.includes(answer.statusCode ?? 0)) return answer;
    answer.destroy();
    if (redirects >= MOST_REDIRECTS) throw new Error(`the server redirects more than ${redirects} times`);
    if (!URL.canParse(location, next.href)) throw new Error('the server redirects to an invalid address');
    next = new URL(location, next);
    if (!/^https?:$/.test(next.protocol)) throw new Error(`the server redirects to a '${next.protocol}' address`);
  }
}

function lowerCase(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

async function getOnce(url: URL, headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<IncomingMessage> {
  const proxy = proxyFor(url, process.env);
  // The connection closes with the answer: a kept one would keep the script running.
  const options = { headers, signal, agent: false as const };
  if (url.protocol === 'https:') {
    const tunnel = proxy && (await tunnelTo(url, proxy, signal));
    const through = tunnel && { createConnection: () => connectTls({ socket: tunnel, servername: serverName(url) }) };
    return answered(requestHttps(withoutUser(url), { ...options, ...through }));
  }
  if (proxy === undefined) return answered(requestHttp(withoutUser(url), options));
  const absolute = {
    ...options,
    path: withoutUser(url).href,
    headers: { ...headers, host: url.host, ...forProxy(proxy) },
  };
  return answered(requestTo(proxy)(withoutUser(proxy), absolute));
}

function answered(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('response', resolve);
    request.end();
  });
}

function serverName({ hostname }: URL): string | undefined {
  return /^\[|^[\d.]+$/.test(hostname) ? undefined : hostname;
}
