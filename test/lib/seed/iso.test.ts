import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isoImage } from '../../../lib/seed/iso';

/** From Debian's genisoimage, which the lab installs. */
const ISOINFO = '/usr/bin/isoinfo';
const [describeIsoinfo, without] = existsSync(ISOINFO) ? [describe, ''] : [describe.skip, ` (skipped: no ${ISOINFO})`];
const SECTOR = 2048;
const FILES = [
  { name: 'meta-data', content: Buffer.from('instance-id: 1\n') },
  { name: 'user-data', content: Buffer.from('é😀\0'.repeat(1000)) },
  { name: 'network-config', content: Buffer.alloc(SECTOR, 'n') },
  { name: 'vendor-data', content: Buffer.alloc(0) },
];

interface Entry {
  readonly name: string;
  readonly sector: number;
  readonly bytes: number;
}

/** The content of a directory after its own two entries, by the name that `nameOf` finds in an entry. */
function entries(image: Buffer, root: number, nameOf: (record: Buffer) => string): Entry[] {
  const found: Entry[] = [];
  const directory = image.subarray(root * SECTOR, (root + 1) * SECTOR);
  for (let at = 0; directory[at] !== 0; at += directory[at] as number) {
    const record = directory.subarray(at, at + (directory[at] as number));
    found.push({ name: nameOf(record), sector: record.readUInt32LE(2), bytes: record.readUInt32LE(10) });
  }
  return found.slice(2);
}

const identifier = (record: Buffer): Buffer => record.subarray(33, 33 + (record[32] as number));
/** The name after 'NM', its length, version and flags. */
function posixName(record: Buffer): string {
  const at = record.indexOf('NM', 33);
  return at < 0 ? '' : record.subarray(at + 5, at + (record[at + 2] as number)).toString();
}
/** The two entries for a directory itself have a name of one byte. */
const fromUcs2 = (name: Buffer): string => (name.length === 1 ? '' : Buffer.from(name).swap16().toString('utf16le'));
const contentOf = (image: Buffer, { sector, bytes }: Entry): Buffer =>
  image.subarray(sector * SECTOR, sector * SECTOR + bytes);

describe('An ISO 9660 image', () => {
  const image = isoImage('cidata', FILES);
  const root = (descriptor: number): number => image.readUInt32LE(descriptor * SECTOR + 156 + 2);

  it('consists of whole sectors, and states how many', () => {
    expect(image.length % SECTOR).toBe(0);
    for (const descriptor of [16, 17]) {
      expect(image.readUInt32LE(descriptor * SECTOR + 80)).toBe(image.length / SECTOR);
      expect(image.readUInt32BE(descriptor * SECTOR + 84)).toBe(image.length / SECTOR);
    }
  });

  it('has ISO 9660 and Joliet descriptors with the label, and a terminator', () => {
    const types = [16, 17, 18].map((sector) => image.subarray(sector * SECTOR, sector * SECTOR + 6).toString('latin1'));
    expect(types).toEqual(['\u0001CD001', '\u0002CD001', '\u00ffCD001']);
    expect(image.subarray(16 * SECTOR + 40, 16 * SECTOR + 72).toString()).toBe('cidata'.padEnd(32));
    expect(image.subarray(17 * SECTOR + 88, 17 * SECTOR + 91).toString()).toBe('%/E');
    const label = Buffer.from(image.subarray(17 * SECTOR + 40, 17 * SECTOR + 72)).swap16();
    expect(label.toString('utf16le')).toBe('cidata'.padEnd(16));
  });

  it('shows the files by Rock Ridge under their own names, sorted by their ISO 9660 names', () => {
    const found = entries(image, root(16), posixName);
    expect(found.map(({ name }) => name)).toEqual(['meta-data', 'network-config', 'user-data', 'vendor-data']);
    for (const { name, content } of FILES) {
      expect(
        contentOf(
          image,
          found.find((one) => one.name === name)!,
        ),
      ).toEqual(content);
    }
    const plain = entries(image, root(16), (record) => identifier(record).toString());
    expect(plain.map(({ name }) => name)).toEqual([
      'META_DATA.;1',
      'NETWORK_CONFIG.;1',
      'USER_DATA.;1',
      'VENDOR_DATA.;1',
    ]);
  });

  it('shows the same files by Joliet', () => {
    const found = entries(image, root(17), (record) => fromUcs2(identifier(record)));
    expect(found.map(({ name }) => name)).toEqual(['meta-data;1', 'network-config;1', 'user-data;1', 'vendor-data;1']);
    expect(contentOf(image, found[2]!)).toEqual(FILES[1]!.content);
  });

  it('declares Rock Ridge in its first entry, and gives the files to root alone', () => {
    const first = image.subarray(root(16) * SECTOR, (root(16) + 1) * SECTOR);
    expect(first.indexOf(Buffer.from([0x53, 0x50, 7, 1, 0xbe, 0xef, 0]))).toBe(34);
    expect(first.includes('RRIP_1991A')).toBe(true);
    const file = first.indexOf('PX', first.indexOf('META_DATA'));
    expect(first.readUInt32LE(file + 4).toString(8)).toBe('100400');
  });

  it('is identical for identical files', () => {
    expect(isoImage('cidata', FILES)).toEqual(image);
  });

  describeIsoinfo(`as isoinfo reads it${without}`, () => {
    it('has its label, and its files by either name', () => {
      const folder = mkdtempSync(join(tmpdir(), 'clc-iso-'));
      try {
        const file = join(folder, 'seed.iso');
        writeFileSync(file, image);
        const isoinfo = (...args: string[]): Buffer => execFileSync(ISOINFO, ['-i', file, ...args]);
        expect(isoinfo('-d').toString()).toMatch(/Volume id: cidata[^]*Joliet[^]*Rock Ridge/);
        expect(isoinfo('-R', '-x', '/user-data')).toEqual(FILES[1]?.content);
        expect(isoinfo('-J', '-x', '/user-data;1')).toEqual(FILES[1]?.content);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });

  it('fails for more names than fit into one directory', () => {
    const many = Array.from({ length: 40 }, (_, at) => ({ name: `file-${at}`, content: Buffer.alloc(0) }));
    expect(() => isoImage('cidata', many)).toThrow('40 names are too many');
  });
});
