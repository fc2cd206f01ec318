import type { Tools } from '../tools';
import { bytesText } from '../../model';

const SAID_EVERY = 2 ** 30;

/** Reports the progress of long work: at every tenth of it, or as a bar on a terminal. */
export class Progress {
  private said = 0;
  private readonly start = Date.now();
  private first: number | undefined;

  constructor(
    private readonly tools: Pick<Tools, 'say' | 'bar'>,
    private readonly what: string,
    /** In bytes, if known. */
    private readonly total = 0,
  ) {}

  /** `percent` from 0 to 100; `more` is appended. */
  public at(percent: number, more = ''): void {
    if (this.tools.bar) return this.tools.bar({ what: this.what, percent, detail: this.detail(percent, this.total) });
    const tenth = Math.floor(percent / 10) * 10;
    if (tenth <= this.said || tenth > 100) return;
    this.said = tenth;
    this.tools.say(`${this.what}: ${tenth} %${more}`);
  }

  /** `done` of `total` bytes, with the rate and the remaining time; `total` is 0 if unknown. */
  public bytes(done: number, total: number): void {
    this.first ??= done;
    if (total === 0) return this.amount(done);
    if (this.tools.bar) {
      const percent = (done / total) * 100;
      return this.tools.bar({ what: this.what, percent, detail: this.detail(percent, total, this.first) });
    }
    const seconds = (Date.now() - this.start) / 1000;
    const rate = seconds > 0 ? (done - this.first) / seconds : 0;
    const left = rate > 0 ? `, ${bytesText(Math.round(rate))}/s, ${Math.ceil((total - done) / rate)} s left` : '';
    this.at((done / total) * 100, ` of ${bytesText(total)}${done < total ? left : ''}`);
  }

  /** "1.2 GiB of 4 GiB, 120 MiB/s, 23 s left"; `before` existed when this began. */
  private detail(percent: number, total: number, before = 0): string {
    const seconds = (Date.now() - this.start) / 1000;
    const done = (total * percent) / 100;
    const rate = (done - before) / seconds;
    // What existed before took no time.
    const share = percent - (total > 0 ? (before / total) * 100 : 0);
    const left = (seconds * (100 - percent)) / share;
    return [
      ...(total > 0 ? [`${bytesText(Math.round(done))} of ${bytesText(Math.round(total))}`] : []),
      ...(total > 0 && rate > 0 && Number.isFinite(rate) ? [`${bytesText(Math.round(rate))}/s`] : []),
      ...(percent < 100 && Number.isFinite(left) ? [`${Math.ceil(left)} s left`] : []),
    ].join(', ');
  }

  /** The amount done; the total is unknown. */
  public amount(bytes: number): void {
    if (bytes - this.said < SAID_EVERY) return;
    this.said = bytes - (bytes % SAID_EVERY);
    this.tools.say(`${this.what}: ${bytesText(this.said)}`);
  }

  /** Parses a tool's line: qemu-img prints "(25.00/100%)", rbd "Importing image: 25% complete...". */
  public line(text: string): void {
    const percents = [...text.matchAll(/(\d+(?:\.\d+)?)(?:\/100)?%/g)];
    const last = percents.at(-1)?.[1];
    if (last !== undefined) this.at(Number(last));
  }
}
