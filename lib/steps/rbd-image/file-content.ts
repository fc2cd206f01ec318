import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export type Compression = 'gzip' | 'xz' | 'zstd' | 'bzip2';

/** What the bytes show of a file that qemu-img takes for a raw disk, as it does with any file. */
export interface FileContent {
  readonly compression?: Compression;
  /** "a tar archive"; something that contains a disk, or is none at all */
  readonly archive?: string;
  /** A fixed-size VHD: a raw disk followed by a footer of 512 bytes. */
  readonly fixedVhd: boolean;
  /** The version of LUKS; qemu-img knows only 1, and takes 2 for a raw disk. */
  readonly luks?: number;
}

const COMPRESSIONS: { readonly [name in Compression]: string } = {
  gzip: '1f8b08',
  xz: 'fd377a585a00',
  zstd: '28b52ffd',
  bzip2: '425a68',
};
const ARCHIVES = [
  { name: 'a tar archive', at: 257, magic: '7573746172' },
  { name: 'a zip archive', at: 0, magic: '504b0304' },
  { name: 'an empty zip archive', at: 0, magic: '504b0506' },
  { name: 'a 7z archive', at: 0, magic: '377abcaf271c' },
  { name: 'a rar archive', at: 0, magic: '526172211a07' },
  { name: 'a cpio archive', at: 0, magic: '30373037' },
  { name: 'an ar archive (a Debian package, say)', at: 0, magic: '213c617263683e0a' },
  { name: 'an RPM package', at: 0, magic: 'edabeedb' },
];
const LUKS_MAGIC = '4c554b53babe';
const VHD_MAGIC = Buffer.from('conectix').toString('hex');
const SECTOR = 512;

/** What a server that requires a login, or has moved, may send instead of the file. */
const PAGE = /^\s*<(!doctype html|html)/i;

export function contentOf(path: string): FileContent {
  const file = openSync(path, 'r');
  try {
    const head = read(file, 0);
    const { size } = fstatSync(file);
    // The footer of a growing VHD has a copy at the start, by which qemu-img recognizes it.
    const tail = size >= 2 * SECTOR ? read(file, size - SECTOR) : Buffer.alloc(0);
    return {
      compression: (Object.keys(COMPRESSIONS) as Compression[]).find((one) => starts(head, COMPRESSIONS[one])),
      archive: PAGE.test(head.toString('latin1'))
        ? 'an HTML page'
        : ARCHIVES.find(({ at, magic }) => starts(head.subarray(at), magic))?.name,
      fixedVhd: starts(tail, VHD_MAGIC) && !starts(head, VHD_MAGIC),
      luks: starts(head, LUKS_MAGIC) ? head.readUInt16BE(LUKS_MAGIC.length / 2) : undefined,
    };
  } finally {
    closeSync(file);
  }
}

function read(file: number, position: number): Buffer {
  const bytes = Buffer.alloc(SECTOR);
  return bytes.subarray(0, readSync(file, bytes, 0, SECTOR, position));
}

function starts(bytes: Buffer, magic: string): boolean {
  return bytes.toString('hex', 0, magic.length / 2) === magic;
}
