import type { Readable } from 'node:stream';
import type { CephFault } from '../../ceph';
import type { MissingModule } from './faults';

/** A line of the worker. */
export interface Frame {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: Omit<CephFault, 'operation'>;
  readonly progress?: number;
  readonly started?: boolean;
  readonly fed?: boolean;
  readonly noInput?: boolean;
  readonly missing?: readonly MissingModule[];
  readonly python?: string;
  readonly refused?: { readonly errno: number; readonly message: string };
  readonly ready?: object;
  readonly lost?: { readonly lock: string; readonly errno: number; readonly message: string };
}

/** The lines that begin with the tag, parsed. */
export function framesOf(stream: Readable, tag: string, take: (frame: Frame) => void): void {
  let rest: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10)) {
      const line = Buffer.concat([...rest, chunk.subarray(0, at)]).toString();
      if (line.startsWith(`${tag} `)) take(JSON.parse(line.slice(tag.length + 1)) as Frame);
      rest = [];
      chunk = chunk.subarray(at + 1);
    }
    if (chunk.length > 0) rest.push(chunk);
  });
}
