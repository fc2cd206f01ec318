import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { plainUrl } from '../../model';
import { get } from '../http/get';
import type { Tools } from '../tools';
import type { ImageRef } from './rbd-command';
import { Progress } from './progress';
import { checkRoom } from './scratch-folder';
import type { StallTimer } from './stalled-download';

/** What is requested, with the secret headers. */
export interface Asked {
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
}

/**
 * How much of a download has arrived, and the validator that proves to the server that the rest is of the same file.
 */
export interface Part {
  done: number;
  total: number;
  validator?: string;
}

interface Target {
  readonly path: string;
  readonly folder: string;
  readonly image: ImageRef;
  readonly part: Part;
}

export async function fetchInto(tools: Tools, asked: Asked, target: Target, timer: StallTimer): Promise<void> {
  const { path, folder, image, part } = target;
  const range = part.done > 0 && { range: `bytes=${part.done}-`, 'if-range': part.validator };
  const answer = await getExpecting(asked, { ...range }, timer, [200, 206]);
  const isResumed = answer.statusCode === 206;
  if (isResumed && !answer.headers['content-range']?.startsWith(`bytes ${part.done}-`)) {
    throw new Error('the server sent a different part than requested');
  }
  if (!isResumed) {
    Object.assign(part, { done: 0, total: lengthOf(answer), validator: validatorOf(answer) });
    await checkRoom(folder, part.total, image);
  }
  const progress = new Progress(tools, `fetching '${plainUrl(asked.url)}'`);
  // Only what has been written counts: a resumed download must not leave a gap.
  const start = part.done;
  const file = createWriteStream(path, { flags: isResumed ? 'r+' : 'w', start });
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      timer.progressed();
      progress.bytes(start + file.bytesWritten, part.total);
      pass(null, chunk);
    },
  });
  try {
    await pipeline(answer, counting, file, { signal: timer.signal });
  } finally {
    part.done = start + file.bytesWritten;
  }
  progress.bytes(part.done, part.total);
  if (part.total > 0 && part.done !== part.total) throw new Error(`it ended after ${part.done} of ${part.total} bytes`);
}

export async function getExpecting(
  asked: Asked,
  headers: { readonly [name: string]: string | undefined },
  timer: StallTimer,
  statusCodes: readonly number[],
): Promise<IncomingMessage> {
  const answer = await get(asked.url, headers, timer.signal, asked.headers);
  if (statusCodes.includes(answer.statusCode ?? 0)) return answer;
  answer.destroy();
  throw new Error(`the server answered ${answer.statusCode} ${answer.statusMessage}`);
}

function lengthOf({ headers }: IncomingMessage): number {
  return Number(headers['content-length'] ?? 0);
}

/** Only a strong validator guarantees that not a byte differs. */
function validatorOf({ headers }: IncomingMessage): string | undefined {
  const { etag, 'last-modified': modified, 'accept-ranges': ranges } = headers;
  if (ranges === 'none') return undefined;
  return etag !== undefined && !etag.startsWith('W/') ? etag : modified;
}
