import { Lazy, Token } from 'cdktf';
import { ValidationError } from '../../lib/errors';
import { Size } from '../../lib/size';
import { monitors, name, sizeAboveZero, text, validate, wholeNumber, type Rule } from '../../lib/validation';
import { stackOf } from '../helpers/synth';

const token = Lazy.stringValue({ produce: () => 'x' });

const brokenBy = (rules: Rule | readonly Rule[]): string[] =>
  [rules].flat().flatMap((rule) => (rule.broken ? [rule.code] : []));

describe('validate', () => {
  it('throws every broken rule at once, with the path of the construct', () => {
    const rules = [
      wholeNumber('pgNum', 0, 1, 8, 'x'),
      wholeNumber('size', 3, 1, 8, 'x'),
      name('poolName', '', 'cephName'),
    ];
    const attempt = (): void => validate(stackOf(), rules);
    expect(attempt).toThrow(ValidationError);
    expect(attempt).toThrow(/^\[pg-num-range\] stack: 'pgNum' must be.*\n\[pool-name-form\] stack: 'poolName' must be/);
  });

  it('says nothing when no rule is broken', () => {
    expect(() => validate(stackOf(), [wholeNumber('pgNum', 1, 1, 8, 'x')])).not.toThrow();
  });
});

describe('wholeNumber', () => {
  it.each([
    [0, true],
    [1, false],
    [8, false],
    [9, true],
    [1.5, true],
    [Number.NaN, true],
    [undefined, false],
    [Token.asNumber('${var.n}'), false],
  ])('judges %p against 1 to 8 as broken: %p', (value, broken) => {
    expect(wholeNumber('n', value, 1, 8, 'x').broken).toBe(broken);
  });

  it('names prop, range, value and fix', () => {
    expect(wholeNumber('pgNum', 9, 1, 8, 'leave it out').message).toBe(
      "'pgNum' must be a whole number from 1 to 8, got 9; leave it out",
    );
  });
});

describe('sizeAboveZero', () => {
  it.each([
    [Size.bytes(0), true],
    [Size.bytes(1), false],
    [Size.gibibytes(-1), true],
    [Size.bytes(1.5), true],
    [Size.kibibytes(1.5), false],
    [Size.tebibytes(8191), false],
    [Size.tebibytes(8192), true],
    [Size.gibibytes(Token.asNumber('${var.n}')), false],
    [undefined, false],
  ])('judges %s as broken: %p', (size, broken) => {
    expect(sizeAboveZero('size', size).broken).toBe(broken);
  });
});

describe('name', () => {
  const hostile = [
    '',
    ' ',
    "a'b",
    'a"b',
    '$(id)',
    '`id`',
    '${x}',
    '%{x}',
    'a\nb',
    'a b',
    'a/b',
    'a@b',
    'a,b',
    '-a',
    '.a',
    'ä',
    'a\0',
    '\\',
  ];

  it.each(['cephName', 'libvirtName'] as const)('%s refuses what a tool would misread', (form) => {
    expect(hostile.filter((value) => !name('n', value, form).broken)).toEqual([]);
    expect(name('n', 'a'.repeat(97), form).broken).toBe(true);
  });

  it.each(['cephName', 'libvirtName'] as const)(
    '%s takes letters, digits, dots, dashes and underscores up to 96',
    (form) => {
      const fine = ['a', 'A-1_2.b', '_a', '1', 'a'.repeat(96), token, undefined];
      expect(fine.filter((value) => name('n', value, form).broken)).toEqual([]);
    },
  );

  it('usage takes spaces inside, and refuses quotes, line breaks and 129 characters', () => {
    const fine = ['client.libvirt secret', 'ab', 'a'.repeat(128)];
    expect(fine.filter((value) => name('usage', value, 'usage').broken)).toEqual([]);
    const refused = ['a', ' ab', 'ab ', "a'b", 'a"b', 'a\nb', '$(id)', 'a/b', 'a'.repeat(129)];
    expect(refused.filter((value) => !name('usage', value, 'usage').broken)).toEqual([]);
  });

  it('shows the value with nothing hidden in it', () => {
    expect(name('poolName', 'a\n"b', 'cephName').message).toContain(String.raw`got "a\n\"b"; choose another name`);
  });
});

describe('text', () => {
  it.each(['a "b" \'c\' <d> & ${e} %{f} $(g)', 'tab\tnewline\n', 'ünï ✓ 😀', token, undefined])('takes %j', (value) => {
    expect(text('description', value).broken).toBe(false);
  });

  it.each(['a\0', 'a\u001b[0m', 'a\r\n', 'e\u0301', '\ud800', '\uffff'])('refuses %j', (value) => {
    expect(text('description', value).broken).toBe(true);
  });
});

describe('monitors', () => {
  it.each([
    'mon1',
    '10.0.0.11',
    '10.0.0.12:6789',
    '[2001:db8::13]',
    '[2001:db8::13]:3300',
    'mon-1.example.org:1',
    'm:65535',
    'mon1,mon2',
    '[v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0]',
  ])('takes %s', (monitor) => {
    expect(brokenBy(monitors([monitor]))).toEqual([]);
  });

  it.each([
    '',
    'mon1:',
    'mon1:0',
    'mon1:65536',
    'mon1:x',
    '2001:db8::13',
    '[mon1]',
    'mon 1',
    "mon1'",
    '$(id)',
    'a\nb',
    '-mon',
    'http://mon1',
    '[::1',
  ])('refuses %j', (monitor) => {
    expect(brokenBy(monitors([monitor]))).toEqual(['monitors-form']);
  });

  it('refuses an empty list and a duplicate', () => {
    expect(brokenBy(monitors([]))).toEqual(['monitors-empty']);
    expect(brokenBy(monitors(['a', 'b', 'a']))).toEqual(['monitors-twice']);
    expect(brokenBy(monitors(['a:3300', '[v2:a:3300/0,v1:a:6789/0]']))).toEqual(['monitors-twice']);
  });

  it('skips a token, as a monitor and as the list', () => {
    expect(brokenBy(monitors([token]))).toEqual([]);
    expect(brokenBy(monitors(Token.asList('${var.ms}')))).toEqual([]);
  });
});
