/** Amounts as text with their unit, as the scripts get them and plans show them. */
export const SIZE_UNITS = { bytes: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;
export type SizeUnit = keyof typeof SIZE_UNITS;

export const DURATION_UNITS = { seconds: 1, minutes: 60, days: 86_400 } as const;
export type DurationUnit = keyof typeof DURATION_UNITS;

/** "20 GiB" in bytes. Throws a RangeError with the text if it is not a whole number of bytes above zero. */
export function parseSize(text: string): number {
  return parseAmount(text, SIZE_UNITS, 'size', 'bytes');
}

/** "30 days" in seconds. Throws a RangeError with the text if it is not a number of seconds. */
export function parseDuration(text: string): number {
  return parseAmount(text, DURATION_UNITS, 'duration', 'seconds');
}

/** libvirt counts memory in KiB, and rounds up. */
export function kibibytes(size: string): number {
  return Math.ceil(parseSize(size) / SIZE_UNITS.KiB);
}

/** "1.5 GiB", for people. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  return `${Number.isInteger(amount) ? amount : amount.toFixed(2)} ${units[power]}`;
}

function parseAmount(text: string, units: { readonly [unit: string]: number }, what: string, base: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?(?:e\+?\d+)?) ([A-Za-z]+)$/.exec(text) ?? [];
  const factor = unit === undefined ? undefined : units[unit];
  const amount = Number(digits) * (factor ?? Number.NaN);
  if (!Number.isSafeInteger(amount)) {
    throw new RangeError(
      `'${text}' is not a ${what}: a number, a space and one of ${Object.keys(units).join(', ')}, in whole ${base}`,
    );
  }
  return amount;
}
