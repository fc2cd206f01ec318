import * as fc from 'fast-check';

/** Characters and words that a shell, Terraform, XML, Ceph, JSON, an option parser or a path interprets. */
const READ_BY_SOMEBODY = [
  '$(touch pwned)',
  '`touch pwned`',
  '; touch pwned;',
  '| touch pwned',
  '&& touch pwned',
  '> pwned',
  "'",
  '"',
  '\\',
  '\n',
  '\r',
  '\t',
  '\0',
  '$HOME',
  '${HOME}',
  '${var.x}',
  '%{ if true }',
  '${TfToken[TOKEN.x',
  '<x/>',
  '</name>',
  '<!--',
  ']]>',
  '<![CDATA[',
  '&amp;',
  '&x;',
  '--help',
  '-o',
  '../',
  '/',
  '@snap',
  ',',
  '*',
  '=',
  '#',
  ':6789',
  '[::1]',
  ' ',
  '\u202e',
  '\u0301',
  '\ud800',
  'ü',
  '😀',
  'name',
  'a.b-c_d',
];

/** Text as an attacker, an accident or another language would write it; now and then harmless. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(fc.constantFrom(...READ_BY_SOMEBODY), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join('')),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 120 }) },
  { weight: 2, arbitrary: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,40}$/) },
);

/**
 * Terraform's reading of a synthesized text: undoes the escapes that we write, and refuses anything else that it would
 * interpret.
 */
export function asTerraformReads(text: string): string {
  return text.replace(/\$\{"((?:[^"\\]|\\.)*)"\}|(\$+|%+)\{/g, (found, literal?: string, signs?: string) => {
    if (literal !== undefined) return JSON.parse(`"${literal}"`) as string;
    if (signs === undefined || signs.length < 2)
      throw new Error(`Terraform would read ${JSON.stringify(found)} in ${JSON.stringify(text)}`);
    return `${signs.slice(1)}{`;
  });
}
