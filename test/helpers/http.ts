import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server on loopback; `answer` can be replaced at any time. */
export class WebServer {
  private server?: Server;

  constructor(public answer: RequestListener = (_, response) => response.writeHead(404).end()) {}

  public async start(): Promise<void> {
    this.server = createServer((request, response) => this.answer(request, response));
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
  }

  public url(path: string): string {
    return `http://127.0.0.1:${(this.server?.address() as AddressInfo).port}/${path}`;
  }

  public stop(): void {
    this.server?.close();
  }
}
