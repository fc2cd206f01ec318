import type { Readable } from 'node:stream';

/** Calls back with each line of a stream; a carriage return ends a line too, because progress is printed with it. */
export function eachLine(stream: Readable, callback: (line: string) => void): void {
  let rest = '';
  stream.on('data', (chunk: Buffer | string) => {
    const parts = (rest + chunk.toString()).split(/[\r\n]+/);
    rest = parts.pop() ?? '';
    parts.filter((line) => line.trim() !== '').forEach((line) => callback(line.trim()));
  });
  stream.on('end', () => {
    if (rest.trim() !== '') callback(rest.trim());
  });
}
