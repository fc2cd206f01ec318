import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** A shell block of a page. */
export interface ShBlock {
  /** The line of its first command in the page, counted from 1. */
  readonly line: number;
  /** The number of the section: 3 below '## 3. The first VM'. */
  readonly section: number;
  /** The word after `sh`: what it is for; '' is for everybody. */
  readonly track: string;
  readonly text: string;
  /** The lines of a `text` block directly after it: each is printed. */
  readonly prints: readonly string[];
}

/** The `sh` blocks of a page, in order. */
export function shBlocks(page: string): ShBlock[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const fences = /^```sh ?(\w*)\n([^]*?)^```$(?:\n\n```text\n([^]*?)^```$)?/gm;
  return [...text.matchAll(fences)].map(({ index, 1: track = '', 2: commands = '', 3: printed = '' }) => ({
    line: text.slice(0, index).split('\n').length + 1,
    section: Number([...text.slice(0, index).matchAll(/^## (\d+)/gm)].at(-1)?.[1] ?? 0),
    track,
    text: commands,
    prints: printed.split('\n').filter((line) => line !== ''),
  }));
}
