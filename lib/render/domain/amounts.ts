import { Fn, Op, Token } from 'cdktf';
import { DURATION_UNITS, SIZE_UNITS } from '../../model';

/** libvirt answers in KiB, and the provider (0.9.7) reports an error if its answer has another unit. */
export function kibibytes(size: string): number {
  return amount(size, SIZE_UNITS, SIZE_UNITS.KiB);
}

export function bytes(size: string): number {
  return amount(size, SIZE_UNITS, 1);
}

export function seconds(duration: string): number {
  return amount(duration, DURATION_UNITS, 1);
}

/** "4 GiB" counted in `unit`, rounded up as libvirt does; an amount that is a token becomes an expression. */
function amount(text: string, units: { readonly [unit: string]: number }, unit: number): number {
  const at = text.lastIndexOf(' ');
  const [given, factor] = [text.slice(0, at), units[text.slice(at + 1)] ?? Number.NaN];
  if (!Token.isUnresolved(given)) return Math.ceil((Number(given) * factor) / unit);
  if (factor >= unit) return Token.asNumber(Op.mul(given, factor / unit));
  return Token.asNumber(Fn.ceil(Token.asNumber(Op.div(given, unit / factor))));
}
