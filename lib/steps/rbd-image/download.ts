import { join } from 'node:path';
import { bytesText, plainUrl } from '../../model';
import { Refusal, type Tools } from '../tools';
import type { ImageRef } from './rbd-command';
import { StallTimer } from './stalled-download';
import { type Asked, type Part, fetchInto, getExpecting } from './download-part';

/** How often a download that made progress is resumed after its connection was lost. */
const RESUMPTIONS = 5;
const PAUSE_SECONDS = 2;
const LONGEST_TEXT = 2 ** 20;

/**
 * Downloads a URL into a file of the folder and returns its path. The folder is new: an earlier run left nothing in it.
 */
export async function download(tools: Tools, asked: Asked, folder: string, image: ImageRef): Promise<string> {
  const { url } = asked;
  const path = join(folder, 'download');
  const part: Part = { done: 0, total: 0 };
  tools.say(`fetching '${plainUrl(url)}'`);
  for (let left = RESUMPTIONS; ; left--) {
    const before = part.done;
    try {
      await watched(tools, url, (timer) => fetchInto(tools, asked, { path, folder, image, part }, timer));
      return path;
    } catch (error) {
      const lost = error instanceof Unfetched && part.validator !== undefined && part.done > before;
      if (!lost || left === 0) throw error;
      tools.say(`fetching '${plainUrl(url)}': the connection was lost at ${bytesText(part.done)}: resuming there`);
      await tools.sleep(PAUSE_SECONDS);
    }
  }
}

/** A short text, such as a list of checksums. */
export function downloadText(tools: Tools, asked: Asked): Promise<string> {
  return watched(tools, asked.url, async (timer) => {
    const answer = await getExpecting(asked, {}, timer, [200]);
    let text = '';
    for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
      timer.progressed();
      text += chunk;
      if (text.length > LONGEST_TEXT) throw new Error(`it is longer than ${bytesText(LONGEST_TEXT)}`);
    }
    return text;
  });
}

/** The download failed; the message contains no part of the address that may be secret. */
class Unfetched extends Refusal {
  constructor(url: string, error: unknown) {
    super(
      `cannot fetch '${plainUrl(url)}': ${reasonOf(error)}`,
      'check the address, then apply again: nothing was created',
      'download',
    );
  }
}

async function watched<T>(tools: Tools, url: string, work: (timer: StallTimer) => Promise<T>): Promise<T> {
  const timer = new StallTimer(tools);
  try {
    return await Promise.race([work(timer), timer.stalled()]);
  } catch (error) {
    if (error instanceof Refusal || timer.stopped) throw error;
    throw new Unfetched(url, error);
  } finally {
    timer.stop();
  }
}

/** An address that was tried several times produces an error of errors. */
function reasonOf(error: unknown): string {
  const { message = '', errors } = error as { readonly message?: string; readonly errors?: readonly unknown[] };
  if (errors?.[0] !== undefined) return reasonOf(errors[0]);
  return message === 'aborted' || message === '' ? 'the connection was lost' : message;
}
