import { directory, SECTOR, type Extent, type Tree } from './iso-directory';
import { bothEndian16, bothEndian32, isoText, LONG_AGO, ucs2 } from './iso-fields';

/** One file in the root of an image: its name as Rock Ridge and Joliet show it. */
export interface IsoFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** Where the parts stand, in sectors: the volume descriptors, four path tables, two root directories, the files. */
const PRIMARY = 16;
const JOLIET = 17;
const TERMINATOR = 18;
const TABLES = 19;
const ROOT = 23;
const JOLIET_ROOT = 24;
const FILES = 25;
/** A path table with only the root. */
const TABLE_BYTES = 10;

/**
 * An ISO 9660 file system with Rock Ridge and Joliet, byte for byte the same for the same files: its times are fixed.
 * Implemented here because no maintained package does it, and a flat directory needs little code.
 *
 * @see https://ecma-international.org/publications-and-standards/standards/ecma-119/
 */
export function isoImage(label: string, files: readonly IsoFile[]): Buffer {
  const extents: Extent[] = [];
  let next = FILES;
  for (const { name, content } of files) {
    extents.push({ name, sector: next, bytes: content.length });
    next += Math.ceil(content.length / SECTOR);
  }
  const image = Buffer.alloc(next * SECTOR);
  const put = (sector: number, part: Uint8Array): void => image.set(part, sector * SECTOR);
  put(PRIMARY, descriptor('primary', label, next));
  put(JOLIET, descriptor('joliet', label, next));
  put(TERMINATOR, Buffer.concat([Buffer.from([255]), Buffer.from('CD001'), Buffer.from([1])]));
  put(TABLES, pathTable(ROOT, 'little'));
  put(TABLES + 1, pathTable(ROOT, 'big'));
  put(TABLES + 2, pathTable(JOLIET_ROOT, 'little'));
  put(TABLES + 3, pathTable(JOLIET_ROOT, 'big'));
  put(ROOT, directory('primary', ROOT, extents));
  put(JOLIET_ROOT, directory('joliet', JOLIET_ROOT, extents));
  files.forEach(({ content }, at) => put(extents[at]?.sector ?? next, content));
  return image;
}

function descriptor(tree: Tree, label: string, sectors: number): Buffer {
  const isJoliet = tree === 'joliet';
  const text = (value: string, bytes: number): Buffer => (isJoliet ? ucs2(value, bytes) : isoText(value, bytes));
  const [tables, root] = isJoliet ? [TABLES + 2, JOLIET_ROOT] : [TABLES, ROOT];
  const [table, mirrored] = [Buffer.alloc(8), Buffer.alloc(8)];
  table.writeUInt32LE(tables);
  mirrored.writeUInt32BE(tables + 1);
  return Buffer.concat([
    Buffer.from([isJoliet ? 2 : 1]),
    Buffer.from('CD001'),
    Buffer.from([1, 0]),
    text('LINUX', 32),
    text(label, 32),
    Buffer.alloc(8),
    bothEndian32(sectors),
    // The escape sequence of UCS-2, level 3.
    Buffer.concat([Buffer.from(isJoliet ? '%/E' : ''), Buffer.alloc(32)]).subarray(0, 32),
    bothEndian16(1),
    bothEndian16(1),
    bothEndian16(SECTOR),
    bothEndian32(TABLE_BYTES),
    table,
    mirrored,
    directory(tree, root, []).subarray(0, 34),
    // Volume set, publisher, preparer, application; then the names of three files that do not exist.
    ...[128, 128, 128, 128, 37, 37, 37].map((bytes) => text('', bytes)),
    ...[LONG_AGO, LONG_AGO, NEVER, NEVER],
    Buffer.from([1]),
  ]);
}

const NEVER = Buffer.concat([Buffer.from('0'.repeat(16)), Buffer.from([0])]);

function pathTable(root: number, order: 'little' | 'big'): Buffer {
  const table = Buffer.alloc(TABLE_BYTES);
  table[0] = 1;
  if (order === 'little') {
    table.writeUInt32LE(root, 2);
    table.writeUInt16LE(1, 6);
  } else {
    table.writeUInt32BE(root, 2);
    table.writeUInt16BE(1, 6);
  }
  return table;
}
