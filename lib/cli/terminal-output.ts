import type { Tools } from '../steps/tools';
import { painted } from './colour';

/** Milliseconds between two updates of a bar. */
const EVERY = 100;
const BAR = 24;

/** Standard error: lines, and on a terminal a bar below them that is overwritten. */
export class Screen {
  private drawn = 0;
  private shown = false;

  constructor(private readonly stream: NodeJS.WriteStream) {}

  public say(line: string): void {
    this.clear();
    this.stream.write(`${line.startsWith('Warning: ') ? painted('yellow', line, this.stream) : line}\n`);
  }

  public error(line: string): void {
    this.clear();
    this.stream.write(`${painted('red', line, this.stream)}\n`);
  }

  /** Undefined without a terminal: then there are lines, as in an apply. */
  public bar(): Tools['bar'] {
    if (!this.stream.isTTY) return undefined;
    return ({ what, percent, detail }) => {
      const done = percent >= 100;
      if (!done && Date.now() - this.drawn < EVERY) return;
      this.drawn = Date.now();
      const full = Math.round((Math.min(percent, 100) / 100) * BAR);
      const bar = `${'#'.repeat(full)}${'-'.repeat(BAR - full)}`;
      const line = `${what} [${bar}] ${percent.toFixed(0).padStart(3)} %  ${detail}`;
      this.clear();
      this.stream.write(`${line.slice(0, (this.stream.columns || 80) - 1)}${done ? '\n' : ''}`);
      this.shown = !done;
    };
  }

  private clear(): void {
    if (this.shown) this.stream.write('\r\u001b[K');
    this.shown = false;
  }
}
