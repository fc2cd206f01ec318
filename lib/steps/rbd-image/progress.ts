import type { Tools } from '../tools';

/** Says how far a long work is, at every tenth part of it. */
export class Progress {
  private said = 0;

  constructor(
    private readonly tools: Pick<Tools, 'say'>,
    private readonly what: string,
  ) {}

  /** `percent` from 0 to 100. */
  public at(percent: number): void {
    const tenth = Math.floor(percent / 10) * 10;
    if (tenth <= this.said || tenth > 100) return;
    this.said = tenth;
    this.tools.say(`${this.what}: ${tenth} %`);
  }

  /** A line of a tool: qemu-img prints "(25.00/100%)", rbd "Importing image: 25% complete...". */
  public line(text: string): void {
    const percents = [...text.matchAll(/(\d+(?:\.\d+)?)(?:\/100)?%/g)];
    const last = percents.at(-1)?.[1];
    if (last !== undefined) this.at(Number(last));
  }
}

/** "1.5 GiB", for a person. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  return `${Number.isInteger(amount) ? amount : amount.toFixed(2)} ${units[power]}`;
}
