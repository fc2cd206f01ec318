import fc from 'fast-check';
import { parse } from 'yaml';
import { toYaml } from '../../../lib/seed/yaml';

/** Words that some version of YAML does not read as text. */
const WORDS = [
  ...['yes', 'NO', 'on', 'y', 'null', '~', 'true', '0644', '0o17', '0x1f', '1e3', '1_000', '12:30:45', '2026-01-01'],
  ...[
    '=',
    '---',
    '...',
    '',
    ' a',
    'a ',
    '- a',
    'a: b',
    'a #b',
    '#a',
    '!a',
    '&a',
    '*a',
    '%a',
    '@a',
    '`a',
    '{',
    '[',
    '|',
  ],
  ...['a\nb', 'a\n\nb\n', '\ta\n b', 'a\r\nb', '\u0085', '\u2028', '\u0001', '\ufeff', 'é😀', '"', "'", '\\n', '${x}'],
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...WORDS), fc.string()), { maxLength: 4 })
  .map((parts) => parts.join(''));
const texts = text.filter((one) => one !== '<<');
const { tree } = fc.letrec((tie) => ({
  tree: fc.dictionary(texts, fc.oneof({ maxDepth: 3 }, texts, fc.integer(), fc.boolean(), tie('list'), tie('tree')), {
    maxKeys: 6,
  }),
  list: fc.array(fc.oneof({ maxDepth: 3 }, texts, tie('tree')), { maxLength: 6 }),
}));

describe('An object as YAML', () => {
  it.each(['1.1', '1.2'] as const)('reads back unchanged with YAML %s', (version) => {
    fc.assert(
      fc.property(tree, (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(JSON.parse(JSON.stringify(parse(toYaml(plain), { version })))).toEqual(plain);
      }),
    );
  });

  it('keeps the order of its keys, writes lines as lines, and repeats a member that occurs twice', () => {
    const key = { name: 'a' };
    expect(toYaml({ runcmd: ['echo hi'], b: 'one\ntwo\n', list: [key, key] })).toBe(
      'runcmd:\n  - echo hi\nb: |\n  one\n  two\nlist:\n  - name: a\n  - name: a\n',
    );
  });

  it('puts a text with a placeholder between double quotes, on one line', () => {
    expect(toYaml({ a: 'x\nMARK y', b: 'z' }, 'MARK')).toBe('a: "x\\nMARK y"\nb: z\n');
  });
});
