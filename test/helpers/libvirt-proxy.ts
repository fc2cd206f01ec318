import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Calls of libvirt's protocol, by their numbers in its remote_protocol.x. */
export const Procedure = { DOMAIN_LOOKUP_BY_UUID: 24, STORAGE_POOL_LOOKUP_BY_UUID: 85 } as const;

const PROGRAM = 0x20008086;
/** Length (itself included), program, version and procedure, four bytes each. */
const HEADER = 16;

/** Sits in front of libvirt's socket, and can drop a connection at a chosen call, which then does not reach libvirt. */
export class LibvirtProxy {
  /** The number of dropped connections. */
  public lost = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private fatal?: number;

  /** Listens at `path` and forwards to `target`, which is called when the first client connects. */
  constructor(
    public readonly path: string,
    private readonly target: () => string,
  ) {
    this.server = createServer((client) => this.join(client)).listen(path);
  }

  /** The next call of that procedure loses its connection; only that call. */
  public loseAt(procedure: number): void {
    this.fatal = procedure;
  }

  public end(): void {
    this.server.close();
    this.sockets.forEach((socket) => socket.destroy());
    rmSync(this.path, { force: true });
  }

  private join(client: Socket): void {
    const libvirt = connect(this.target());
    const both = [client, libvirt];
    const part = (): void => both.forEach((socket) => socket.destroy());
    for (const socket of both) {
      this.sockets.add(socket);
      socket.on('error', part).on('close', () => (part(), this.sockets.delete(socket)));
    }
    libvirt.pipe(client);
    let pending = Buffer.alloc(0);
    client.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= HEADER && pending.length >= pending.readUInt32BE(0)) {
        const call = pending.subarray(0, pending.readUInt32BE(0));
        pending = pending.subarray(call.length);
        if (call.readUInt32BE(4) === PROGRAM && call.readUInt32BE(12) === this.fatal) {
          this.fatal = undefined;
          this.lost += 1;
          return part();
        }
        libvirt.write(call);
      }
    });
  }
}
