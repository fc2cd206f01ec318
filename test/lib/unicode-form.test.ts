import { staysComposed, terraformJson } from '../../lib/unicode-form';

describe('terraformJson', () => {
  it('escapes the characters that HTML reserves, and writes everything else as JSON does', () => {
    expect(terraformJson({ a: '<&>\u2028\n"' })).toBe(String.raw`{"a":"\u003c\u0026\u003e\u2028\n\""}`);
  });
});

describe('staysComposed', () => {
  it.each(['', 'plain', 'é', '<é>\nü', 'x\u0301', '\\n', ' \u0301', '&\u0301'])('holds for %j', (text) => {
    expect(staysComposed(text)).toBe(true);
  });

  it.each(['e\u0301', '\n\u0301', '\t\u030c', '<\u0301', '>\u0301'])('fails for %j', (text) => {
    expect(staysComposed(text)).toBe(false);
  });
});
