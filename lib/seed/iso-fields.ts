/** The start of the year 2000 in a volume descriptor: an image does not reveal when it was made. */
export const LONG_AGO = Buffer.concat([Buffer.from('2000010100000000'), Buffer.from([0])]);

/** The same time in the seven bytes of a directory entry. */
export const LONG_AGO_SHORT = Buffer.from([100, 1, 1, 0, 0, 0, 0]);

/** A number in both byte orders, little-endian first. */
export function bothEndian16(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(value);
  bytes.writeUInt16BE(value, 2);
  return bytes;
}

export function bothEndian32(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value);
  bytes.writeUInt32BE(value, 4);
  return bytes;
}

/** Text padded with spaces. */
export function isoText(text: string, bytes: number): Buffer {
  return Buffer.from(text.padEnd(bytes, ' ').slice(0, bytes), 'latin1');
}

/** The same in two bytes per character, big-endian, as in Joliet. An odd last byte stays zero. */
export function ucs2(text: string, bytes: number): Buffer {
  const signs = Math.floor(bytes / 2);
  const little = Buffer.from(text.padEnd(signs, ' ').slice(0, signs), 'utf16le');
  return Buffer.concat([little.swap16(), Buffer.alloc(bytes - signs * 2)]);
}
