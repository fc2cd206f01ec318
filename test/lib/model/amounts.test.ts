import { parseDuration, parseSize } from '../../../lib/model';

describe('parseSize', () => {
  it.each([
    ['0 bytes', 0],
    ['20 GiB', 21_474_836_480],
    ['1.5 GiB', 1_610_612_736],
    ['1e+3 KiB', 1_024_000],
  ])('reads %s as %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each([
    '',
    '20',
    '20GiB',
    '20 GB',
    '-1 GiB',
    '1.5 bytes',
    ' 1 GiB',
    '1 GiB\n',
    '1 toString',
    'x GiB',
    '9999999 TiB',
  ])('fails for %j and names it', (text) => {
    expect(() => parseSize(text)).toThrow(
      `'${text}' is not a size: a number, a space and one of bytes, KiB, MiB, GiB, TiB`,
    );
  });
});

describe('parseDuration', () => {
  it.each([
    ['90 seconds', 90],
    ['2 minutes', 120],
    ['30 days', 2_592_000],
  ])('reads %s as %d seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each(['2 hours', '1 minute', '0.5 seconds'])('fails for %j', (text) => {
    expect(() => parseDuration(text)).toThrow('is not a duration');
  });
});
