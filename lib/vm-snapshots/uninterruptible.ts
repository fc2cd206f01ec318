import { Children, type Stopped } from '../exec/children';

/**
 * The commands of a session. Some work must not be cut short: a stop then waits for its end, and locks are kept until
 * then.
 */
export class UninterruptibleChildren extends Children {
  private whole = 0;
  private waiting: Stopped | undefined;

  constructor(private readonly onWait: (reason: Stopped) => void) {
    super();
  }

  public override stopAll(reason: Stopped): void {
    if (this.whole === 0) return super.stopAll(reason);
    if (this.waiting === undefined) this.onWait(reason);
    this.waiting ??= reason;
  }

  /** Runs `work` to completion. */
  public async untilDone<T>(work: () => Promise<T>): Promise<T> {
    this.whole++;
    try {
      return await work();
    } finally {
      this.whole--;
      if (this.whole === 0 && this.waiting) super.stopAll(this.waiting);
    }
  }
}
