import { Fn, Op, Token } from 'cdktf';
import { DURATION_UNITS, kibibytes as knownKibibytes, parseDuration, parseSize, SIZE_UNITS } from '../../model';

/** libvirt answers in KiB, and the provider (0.9.7) reports an error if the answer has another unit. */
export function kibibytes(size: string): number {
  return Token.isUnresolved(size) ? expression(size, SIZE_UNITS, SIZE_UNITS.KiB) : knownKibibytes(size);
}

export function bytes(size: string): number {
  return Token.isUnresolved(size) ? expression(size, SIZE_UNITS, 1) : parseSize(size);
}

export function seconds(duration: string): number {
  return Token.isUnresolved(duration) ? expression(duration, DURATION_UNITS, 1) : parseDuration(duration);
}

/** An amount that is a token followed by its unit, converted to `unit` and rounded up as libvirt does. */
function expression(text: string, units: { readonly [unit: string]: number }, unit: number): number {
  const at = text.lastIndexOf(' ');
  const [given, factor] = [text.slice(0, at), units[text.slice(at + 1)] ?? Number.NaN];
  if (factor >= unit) return Token.asNumber(Op.mul(given, factor / unit));
  return Token.asNumber(Fn.ceil(Token.asNumber(Op.div(given, unit / factor))));
}
