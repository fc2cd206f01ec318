import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** A TypeScript block of a page. */
export interface TsBlock {
  /** The page, as a path from the root of the project. */
  readonly page: string;
  /** The line of its first statement in the page, counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** The `ts` blocks of a page, in order. */
export function tsBlocks(page: string): TsBlock[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^( *)```(?:ts|typescript)\b.*\n([^]*?)^\1```$/gm)].map((match) => {
    const before = text.slice(0, match.index);
    return { page, line: before.split('\n').length + 1, text: match[2] ?? '' };
  });
}

/** The first of them; fails if there is none. */
export function firstTsBlock(page: string): string {
  const [block] = tsBlocks(page);
  if (block === undefined) throw new Error(`${page} has no ts block`);
  return block.text;
}
