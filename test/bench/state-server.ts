import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Keeps a Terraform state in memory, as a backend. Terraform writes the whole state to a local file after each
 * resource, which for thousands of resources takes longer than everything else.
 */
export class StateServer {
  private state: Buffer | undefined;
  private readonly server = createServer((request, response) => {
    if (request.method !== 'POST') {
      response.statusCode = this.state === undefined ? 404 : 200;
      response.end(this.state);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.state = Buffer.concat(chunks);
      response.end();
    });
  });

  /** Returns its address. */
  public async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  public stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
