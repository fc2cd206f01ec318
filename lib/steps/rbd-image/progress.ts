import type { Tools } from '../tools';
import { bytesText } from '../../model';

const SAID_EVERY = 2 ** 30;

/** Says how far a long work is, at every tenth part of it. */
export class Progress {
  private said = 0;
  private readonly start = Date.now();
  private first: number | undefined;

  constructor(
    private readonly tools: Pick<Tools, 'say'>,
    private readonly what: string,
  ) {}

  /** `percent` from 0 to 100; `more` is said behind it. */
  public at(percent: number, more = ''): void {
    const tenth = Math.floor(percent / 10) * 10;
    if (tenth <= this.said || tenth > 100) return;
    this.said = tenth;
    this.tools.say(`${this.what}: ${tenth} %${more}`);
  }

  /** `done` of `total` bytes, with their rate and the time that is left; `total` is 0 where nobody knows. */
  public bytes(done: number, total: number): void {
    this.first ??= done;
    if (total === 0) return this.amount(done);
    const seconds = (Date.now() - this.start) / 1000;
    const rate = seconds > 0 ? (done - this.first) / seconds : 0;
    const left = rate > 0 ? `, ${bytesText(Math.round(rate))}/s, ${Math.ceil((total - done) / rate)} s left` : '';
    this.at((done / total) * 100, ` of ${bytesText(total)}${done < total ? left : ''}`);
  }

  /** So much is done, of nobody knows how much. */
  public amount(bytes: number): void {
    if (bytes - this.said < SAID_EVERY) return;
    this.said = bytes - (bytes % SAID_EVERY);
    this.tools.say(`${this.what}: ${bytesText(this.said)}`);
  }

  /** A line of a tool: qemu-img prints "(25.00/100%)", rbd "Importing image: 25% complete...". */
  public line(text: string): void {
    const percents = [...text.matchAll(/(\d+(?:\.\d+)?)(?:\/100)?%/g)];
    const last = percents.at(-1)?.[1];
    if (last !== undefined) this.at(Number(last));
  }
}
