import { Lazy, Token } from 'cdktf';
import { escapeText, escapeTree, quoteForExpression } from '../../../lib/terraform';

// A real apply shows that these reach a script byte for byte: test/e2e/escaping.test.ts.
describe('escapeText', () => {
  it.each([
    ['plain $ % {} text', 'plain $ % {} text'],
    ['${x}', '$${x}'],
    ['%{ if x }', '%%{ if x }'],
    ['$${x}', '$$${x}'],
    ['$%{', '$%%{'],
    ['${TfToken[TOKEN.1', '$${TfToken[TOKEN.1'],
    ['%{TfToken[TOKEN.1]}', '%%{TfToken[TOKEN.1]}'],
  ])('turns %j into %j', (text, escaped) => {
    expect(escapeText(text)).toBe(escaped);
  });

  it('keeps carriage returns inside an interpolation, because Terraform reads no escape after one', () => {
    expect(escapeText('a$\r%{b}')).toBe('a${"$\\r%"}{b}');
  });

  it('leaves tokens whole, and a $ before one unchanged', () => {
    const token = Lazy.stringValue({ produce: () => 'x' });
    expect(escapeText(`a ${token}\${b}`)).toBe(`a ${token}$\${b}`);
    expect(escapeText(`$$${token}`)).toBe(`\${"$$"}${token}`);
  });
});

describe('quoteForExpression', () => {
  it("writes a quoted string of Terraform's language", () => {
    expect(quoteForExpression('a"\\b\r\b\f${x}')).toBe('"a\\"\\\\b\\r\\u0008\\u000c$${x}"');
  });
});

describe('A text with tokens, in an expression', () => {
  it('is joined from its parts by Terraform, because a token in quotes would be plain text', () => {
    const name = Lazy.stringValue({ produce: () => 'n' });
    expect(quoteForExpression(`p/"${name}`)).toBe(`join("", ["p/\\"", ${name}])`);
  });
});

describe('escapeTree', () => {
  it('walks lists and maps, keys too, leaves out undefined values and leaves number tokens to cdktf', () => {
    const count = Token.asNumber('${var.n}');
    const tree = escapeTree({ '${a}': ['%{b}', { c: 1, d: undefined, e: null, f: true }], count });
    expect(tree).toEqual({ '$${a}': ['%%{b}', { c: 1, e: null, f: true }], count });
  });
});
