import { fillTemplate, piecesOf } from '../../../lib/seed/template';

describe('The text of a seed', () => {
  const textOf = (pieces: Parameters<typeof fillTemplate>[0]['files'][string], values: unknown[]): string =>
    Buffer.from(fillTemplate({ files: { a: pieces } }, values)[0]!.content).toString();

  it('takes values into their places, escaped between double quotes', () => {
    expect(textOf(['x ', { value: 1 }, ' ', { value: 0 }], ['é"', 'b\n'])).toBe('x b\n é"');
    expect(textOf(['"', { value: 0, quoted: true }, '"'], ['a"\\\n'])).toBe('"a\\"\\\\\\n"');
    expect(textOf([{ value: 0 }, { value: 1 }], [7, true])).toBe('7true');
  });

  it.each([
    ['missing', []],
    ['null', [null]],
    ['a list or an object', [['secret']]],
  ])('fails for a value that is %s, and does not print it', (what, values) => {
    const fill = (): string => textOf([{ value: 0 }], values);
    expect(fill).toThrow(`value 1 in 'a' is ${what}`);
    expect(fill).not.toThrow('secret');
  });

  it('is split at its placeholders', () => {
    expect(piecesOf('a<1>b<2>', /<\d>/g, (found) => ({ value: Number(found[1]) }))).toEqual([
      'a',
      { value: 1 },
      'b',
      { value: 2 },
    ]);
    expect(piecesOf('', /x/g, () => ({ value: 0 }))).toEqual([]);
  });
});
