import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Refusal, type Tools } from '../tools';
import type { ImageRef } from './image';
import { Progress } from './progress';
import { checkRoom } from './scratch';

/** A server that sends nothing for so long is given up. */
const STALL_SECONDS = 60;

/** Fetches a URL into a file of the folder and returns its path. It always starts clean: nothing of an earlier run is there. */
export async function download(tools: Tools, url: string, folder: string, image: ImageRef): Promise<string> {
  const watch = new Watch(tools);
  try {
    return await Promise.race([fetchInto(tools, url, folder, image, watch), watch.ended()]);
  } catch (error) {
    if (error instanceof Refusal || watch.stopped) throw error;
    throw new Refusal(
      `cannot fetch '${url}': ${reasonOf(error)}`,
      'check the address, then apply again: nothing was made',
    );
  } finally {
    watch.done();
  }
}

async function fetchInto(tools: Tools, url: string, folder: string, image: ImageRef, watch: Watch): Promise<string> {
  const response = await fetch(url, { signal: watch.signal });
  if (!response.ok || response.body === null) {
    throw new Error(`the server answered ${response.status} ${response.statusText}`);
  }
  const total = Number(response.headers.get('content-length') ?? 0);
  await checkRoom(folder, total, image);
  const path = join(folder, 'download');
  const progress = new Progress(tools, `fetching '${url}'`);
  let done = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      watch.alive();
      done += chunk.length;
      if (total > 0) progress.at((done / total) * 100);
      pass(null, chunk);
    },
  });
  const body = Readable.fromWeb(response.body);
  await pipeline(body, counting, createWriteStream(path), { signal: watch.signal });
  return path;
}

/** Ends a download when nothing comes for a while, or when the script has to stop. */
class Watch {
  private readonly controller = new AbortController();
  private readonly watching: Promise<never>;
  private last = Date.now();
  public stopped = false;

  constructor(tools: Pick<Tools, 'sleep'>) {
    this.watching = this.run(tools);
    this.watching.catch(() => undefined); // told by `ended`, where anybody still waits for it
  }

  public get signal(): AbortSignal {
    return this.controller.signal;
  }

  public alive(): void {
    this.last = Date.now();
  }

  /** Never resolves; rejects with the reason. */
  public ended(): Promise<never> {
    return this.watching;
  }

  public done(): void {
    this.controller.abort();
  }

  private async run(tools: Pick<Tools, 'sleep'>): Promise<never> {
    while (Date.now() - this.last < STALL_SECONDS * 1000 && !this.signal.aborted) {
      await tools.sleep(1).catch((error: unknown) => {
        this.stopped = true;
        this.controller.abort();
        throw error;
      });
    }
    this.controller.abort();
    throw new Error(`nothing came for ${STALL_SECONDS} s`);
  }
}

/** fetch hides the reason ("fetch failed") in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
