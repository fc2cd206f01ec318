import type { Tools } from '../tools';

/** A download is given up if the server sends nothing for this long. */
const STALL_SECONDS = 60;

/** Aborts a download if nothing arrives for a while, or if the script has to stop. */
export class StallTimer {
  private readonly controller = new AbortController();
  private readonly watching: Promise<never>;
  private last = Date.now();
  public stopped = false;

  constructor(tools: Pick<Tools, 'sleep'>) {
    this.watching = this.run(tools);
    this.watching.catch(() => undefined); // reported through `stalled`, if anybody still waits for it
  }

  public get signal(): AbortSignal {
    return this.controller.signal;
  }

  public progressed(): void {
    this.last = Date.now();
  }

  /** Never resolves; rejects with the reason. */
  public stalled(): Promise<never> {
    return this.watching;
  }

  public stop(): void {
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
    throw new Error(`no data came for ${STALL_SECONDS} s`);
  }
}
