import { Token } from 'cdktf';
import { Size } from '../../lib/size';

describe('Size', () => {
  it.each([
    [Size.bytes(512), '512 bytes', 512],
    [Size.kibibytes(4), '4 KiB', 4096],
    [Size.mebibytes(256), '256 MiB', 268_435_456],
    [Size.gibibytes(20), '20 GiB', 21_474_836_480],
    [Size.gibibytes(1.5), '1.5 GiB', 1_610_612_736],
    [Size.tebibytes(2), '2 TiB', 2_199_023_255_552],
  ])('prints as it was given: %s', (size, text, bytes) => {
    expect(String(size)).toBe(text);
    expect(size._bytes()).toBe(bytes);
  });

  it('keeps a token, whose bytes are unknown', () => {
    const size = Size.gibibytes(Token.asNumber('${var.gib}'));
    expect(size._bytes()).toBeUndefined();
    expect(Token.isUnresolved(size.toString())).toBe(true);
    expect(size.toString()).toMatch(/ GiB$/);
  });
});
