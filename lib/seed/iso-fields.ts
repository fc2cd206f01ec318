/** The first moment of 2000, as volume descriptors write it: an image does not tell when it was made. */
export const LONG_AGO = Buffer.concat([Buffer.from('2000010100000000'), Buffer.from([0])]);

/** The same moment in the seven bytes of a directory's entry. */
export const LONG_AGO_SHORT = Buffer.from([100, 1, 1, 0, 0, 0, 0]);

/** A number in both orders of its bytes, little end first. */
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

/** The same in two bytes a sign, big end first, as Joliet has it. An odd last byte stays zero. */
export function ucs2(text: string, bytes: number): Buffer {
  const signs = Math.floor(bytes / 2);
  const little = Buffer.from(text.padEnd(signs, ' ').slice(0, signs), 'utf16le');
  return Buffer.concat([little.swap16(), Buffer.alloc(bytes - signs * 2)]);
}
