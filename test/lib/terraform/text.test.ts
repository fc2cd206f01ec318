import { Lazy, Token } from 'cdktf';
import { escapeText, escapeTree, quoteForExpression } from '../../../lib/terraform';

// That these reach a script byte for byte is proven by a real apply (test/e2e/escaping.test.ts).
describe('escapeText', () => {
  it.each([
    ['plain $ % {} text', 'plain $ % {} text'],
    ['${x}', '$${x}'],
    ['%{ if x }', '%%{ if x }'],
    ['$${x}', '$$${x}'],
    ['$%{', '$%%{'],
    ['${TfToken[TOKEN.1', '$${TfToken[TOKEN.1'],
    ['%{TfToken[TOKEN.1]}', '%%{TfToken[TOKEN.1]}'],
  ])('makes %j %j', (text, escaped) => {
    expect(escapeText(text)).toBe(escaped);
  });

  it('keeps carriage returns, after which Terraform reads no escape, inside an interpolation', () => {
    expect(escapeText('a$\r%{b}')).toBe('a${"$\\r%"}{b}');
  });

  it('leaves tokens whole, and a $ before one what it is', () => {
    const token = Lazy.stringValue({ produce: () => 'x' });
    expect(escapeText(`a ${token}\${b}`)).toBe(`a ${token}$\${b}`);
    expect(escapeText(`$$${token}`)).toBe(`\${"$$"}${token}`);
  });
});

describe('quoteForExpression', () => {
  it("is a quoted string of Terraform's language", () => {
    expect(quoteForExpression('a"\\b\r\b\f${x}')).toBe('"a\\"\\\\b\\r\\u0008\\u000c$${x}"');
  });
});

describe('a text with tokens, for an expression', () => {
  it('is joined by Terraform of its parts: in quotes a token would be a text', () => {
    const name = Lazy.stringValue({ produce: () => 'n' });
    expect(quoteForExpression(`p/"${name}`)).toBe(`join("", ["p/\\"", ${name}])`);
  });
});

describe('escapeTree', () => {
  it('goes through lists and maps, keys too, leaves out what is undefined and leaves number tokens to cdktf', () => {
    const count = Token.asNumber('${var.n}');
    const tree = escapeTree({ '${a}': ['%{b}', { c: 1, d: undefined, e: null, f: true }], count });
    expect(tree).toEqual({ '$${a}': ['%%{b}', { c: 1, e: null, f: true }], count });
  });
});
