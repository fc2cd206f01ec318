import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { Refusal, type Tools } from '../tools';
import { Progress } from './progress';

const ALGORITHMS = ['sha256', 'sha512'] as const;
const STOP_BYTES = 2 ** 26;

export interface Checksums {
  readonly sha256?: string;
  readonly sha512?: string;
}

/** Refuses a file whose checksums differ from those of its source; reads it once for all of them. */
export async function checkChecksums(tools: Tools, wanted: Checksums, file: string, from: string): Promise<void> {
  const given = ALGORITHMS.filter((algorithm) => wanted[algorithm] !== undefined);
  if (given.length === 0) return;
  const hashes = given.map((algorithm) => createHash(algorithm));
  const progress = new Progress(tools, `checking '${from}'`);
  const total = statSync(file).size;
  let done = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    hashes.forEach((hash) => hash.update(chunk));
    done += chunk.length;
    if (done % STOP_BYTES < chunk.length) await tools.sleep(0); // throws if the script has to stop
    if (total > 2 ** 28) progress.at((done / total) * 100);
  }
  given.forEach((algorithm, index) => {
    const found = hashes[index]?.digest('hex');
    if (found === wanted[algorithm]?.toLowerCase()) return;
    throw new Refusal(
      `the checksum of '${from}' is wrong: its ${algorithm} is ${found}, not ${wanted[algorithm]}`,
      'fetch the file again, or correct the checksum; nothing was imported',
      'checksum-wrong',
    );
  });
}
