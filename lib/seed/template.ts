import type { IsoFile } from './iso';

/**
 * A part of a text: literal, or a value that is only known at apply; `quoted`: inside double quotes of YAML or JSON.
 */
export type Piece = string | { readonly value: number; readonly quoted?: true };

/** The files of a seed, by name: passed from synth to apply as an asset. */
export interface SeedTemplate {
  readonly files: { readonly [name: string]: readonly Piece[] };
}

/** The files with the values filled in. Throws if a value is not text; never reveals one. */
export function fillTemplate({ files }: SeedTemplate, values: readonly unknown[]): IsoFile[] {
  return Object.entries(files).map(([name, pieces]) => {
    const text = pieces.map((piece) => (typeof piece === 'string' ? piece : valueOf(piece, name, values)));
    return { name, content: Buffer.from(text.join('')) };
  });
}

function valueOf({ value, quoted }: Exclude<Piece, string>, file: string, values: readonly unknown[]): string {
  const given = values[value];
  if (typeof given !== 'string' && typeof given !== 'number' && typeof given !== 'boolean') {
    const what = given === undefined ? 'missing' : given === null ? 'null' : 'a list or an object';
    throw new Error(`value ${value + 1} in '${file}' is ${what}, but must be a string`);
  }
  const text = String(given);
  return quoted ? JSON.stringify(text).slice(1, -1) : text;
}

/** Splits a text at the matches of `pattern`; `place` returns the number of a match's value. */
export function piecesOf(text: string, pattern: RegExp, place: (found: string) => Exclude<Piece, string>): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    pieces.push(text.slice(from, index), place(found));
    from = index + found.length;
  }
  return [...pieces, text.slice(from)].filter((piece) => piece !== '');
}
