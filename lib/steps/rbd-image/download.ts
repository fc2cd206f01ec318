import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { bytesText, plainUrl } from '../../model';
import { get } from '../http/get';
import { Refusal, type Tools } from '../tools';
import type { ImageRef } from './image';
import { Progress } from './progress';
import { checkRoom } from './scratch';
import { Watch } from './watch';

/** Times that a download which came some way goes on after its connection was lost. */
const RESUMPTIONS = 5;
const PAUSE_SECONDS = 2;
const LONGEST_TEXT = 2 ** 20;

/** What is asked for, with headers that are secret. */
export interface Asked {
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
}

/** What has come of a download, and by which the server knows that it goes on with the same file. */
interface Part {
  done: number;
  total: number;
  validator?: string;
}

/** Fetches a URL into a file of the folder and returns its path. It always starts clean: nothing of an earlier run is there. */
export async function download(tools: Tools, asked: Asked, folder: string, image: ImageRef): Promise<string> {
  const { url } = asked;
  const path = join(folder, 'download');
  const part: Part = { done: 0, total: 0 };
  tools.say(`fetching '${plainUrl(url)}'`);
  for (let left = RESUMPTIONS; ; left--) {
    const before = part.done;
    try {
      await watched(tools, url, (watch) => fetchInto(tools, asked, { path, folder, image, part }, watch));
      return path;
    } catch (error) {
      const lost = error instanceof Unfetched && part.validator !== undefined && part.done > before;
      if (!lost || left === 0) throw error;
      tools.say(`fetching '${plainUrl(url)}': the connection was lost at ${bytesText(part.done)}, it goes on there`);
      await tools.sleep(PAUSE_SECONDS);
    }
  }
}

/** A short text, such as a list of checksums. */
export function downloadText(tools: Tools, asked: Asked): Promise<string> {
  return watched(tools, asked.url, async (watch) => {
    const answer = await wellAnswered(asked, {}, watch, [200]);
    let text = '';
    for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
      watch.alive();
      text += chunk;
      if (text.length > LONGEST_TEXT) throw new Error(`it is longer than ${bytesText(LONGEST_TEXT)}`);
    }
    return text;
  });
}

/** It was not fetched; nothing of the address that may be secret is in the message. */
class Unfetched extends Refusal {
  constructor(url: string, error: unknown) {
    super(
      `cannot fetch '${plainUrl(url)}': ${reasonOf(error)}`,
      'check the address, then apply again: nothing was made',
      'download',
    );
  }
}

async function watched<T>(tools: Tools, url: string, work: (watch: Watch) => Promise<T>): Promise<T> {
  const watch = new Watch(tools);
  try {
    return await Promise.race([work(watch), watch.ended()]);
  } catch (error) {
    if (error instanceof Refusal || watch.stopped) throw error;
    throw new Unfetched(url, error);
  } finally {
    watch.done();
  }
}

interface Target {
  readonly path: string;
  readonly folder: string;
  readonly image: ImageRef;
  readonly part: Part;
}

async function fetchInto(tools: Tools, asked: Asked, target: Target, watch: Watch): Promise<void> {
  const { path, folder, image, part } = target;
  const range = part.done > 0 && { range: `bytes=${part.done}-`, 'if-range': part.validator };
  const answer = await wellAnswered(asked, { ...range }, watch, [200, 206]);
  const goesOn = answer.statusCode === 206;
  if (goesOn && !answer.headers['content-range']?.startsWith(`bytes ${part.done}-`)) {
    throw new Error('the server answered another part than it was asked for');
  }
  if (!goesOn) {
    Object.assign(part, { done: 0, total: lengthOf(answer), validator: validatorOf(answer) });
    await checkRoom(folder, part.total, image);
  }
  const progress = new Progress(tools, `fetching '${plainUrl(asked.url)}'`);
  // Counted once it is written: what goes on must not leave a gap.
  const start = part.done;
  const file = createWriteStream(path, { flags: goesOn ? 'r+' : 'w', start });
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      watch.alive();
      progress.bytes(start + file.bytesWritten, part.total);
      pass(null, chunk);
    },
  });
  try {
    await pipeline(answer, counting, file, { signal: watch.signal });
  } finally {
    part.done = start + file.bytesWritten;
  }
  progress.bytes(part.done, part.total);
  if (part.total > 0 && part.done !== part.total) throw new Error(`it ended after ${part.done} of ${part.total} bytes`);
}

async function wellAnswered(
  asked: Asked,
  headers: { readonly [name: string]: string | undefined },
  watch: Watch,
  good: readonly number[],
): Promise<IncomingMessage> {
  const answer = await get(asked.url, headers, watch.signal, asked.headers);
  if (good.includes(answer.statusCode ?? 0)) return answer;
  answer.destroy();
  throw new Error(`the server answered ${answer.statusCode} ${answer.statusMessage}`);
}

function lengthOf({ headers }: IncomingMessage): number {
  return Number(headers['content-length'] ?? 0);
}

/** Only a strong one tells that not a byte differs. */
function validatorOf({ headers }: IncomingMessage): string | undefined {
  const { etag, 'last-modified': modified, 'accept-ranges': ranges } = headers;
  if (ranges === 'none') return undefined;
  return etag !== undefined && !etag.startsWith('W/') ? etag : modified;
}

/** By its shape: an address with several tries gives an error of errors. */
function reasonOf(error: unknown): string {
  const { message = '', errors } = error as { readonly message?: string; readonly errors?: readonly unknown[] };
  if (errors?.[0] !== undefined) return reasonOf(errors[0]);
  return message === 'aborted' || message === '' ? 'the connection was lost' : message;
}
