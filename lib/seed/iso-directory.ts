import { bothEndian16, bothEndian32, isoText, LONG_AGO_SHORT, ucs2 } from './iso-fields';

export const SECTOR = 2048;

/** The two directories of an image: names of ISO 9660 with Rock Ridge's beside them, and Joliet's. */
export type Tree = 'primary' | 'joliet';

/** Where a file is. */
export interface Extent {
  readonly name: string;
  readonly sector: number;
  readonly bytes: number;
}

const DIRECTORY = 2;
/** Only for the guest's root, wherever it mounts them. */
const DIRECTORY_MODE = 0o040500;
const FILE_MODE = 0o100400;

/** A root directory in one sector. */
export function directory(tree: Tree, sector: number, files: readonly Extent[]): Buffer {
  const self = { sector, bytes: SECTOR, flags: DIRECTORY };
  const isRockRidge = tree === 'primary';
  const mode = isRockRidge ? [posixAttributes(DIRECTORY_MODE, 2)] : [];
  const named = files.map((file) => ({ ...file, identifier: identifierOf(tree, file.name) }));
  const sorted = named.sort((a, b) => Buffer.compare(a.identifier, b.identifier));
  const records = [
    record(self, Buffer.from([0]), isRockRidge ? [SHARING, ...mode, EXTENSION] : []),
    record(self, Buffer.from([1]), mode),
    ...sorted.map((file) =>
      record(
        { ...file, flags: 0 },
        file.identifier,
        isRockRidge ? [posixAttributes(FILE_MODE, 1), posixName(file.name)] : [],
      ),
    ),
  ];
  const bytes = Buffer.concat(records);
  if (bytes.length > SECTOR) throw new Error(`${files.length} names are too many for one directory`);
  return Buffer.concat([bytes, Buffer.alloc(SECTOR - bytes.length)]);
}

/** 'user-data' becomes 'USER_DATA.;1' where only capitals, digits and '_' are allowed. */
function identifierOf(tree: Tree, name: string): Buffer {
  if (tree === 'joliet') return ucs2(`${name};1`, (name.length + 2) * 2);
  const plain = `${name.toUpperCase().replace(/[^A-Z0-9_]/g, '_')}.;1`;
  return isoText(plain, plain.length);
}

interface Place {
  readonly sector: number;
  readonly bytes: number;
  readonly flags: number;
}

function record({ sector, bytes, flags }: Place, identifier: Buffer, rockRidge: readonly Buffer[]): Buffer {
  const fields = Buffer.concat([
    Buffer.from([0, 0]),
    bothEndian32(sector),
    bothEndian32(bytes),
    LONG_AGO_SHORT,
    Buffer.from([flags, 0, 0]),
    bothEndian16(1),
    Buffer.from([identifier.length]),
    identifier,
    Buffer.alloc(identifier.length % 2 === 0 ? 1 : 0),
    ...rockRidge,
  ]);
  const whole = fields.length % 2 === 0 ? fields : Buffer.concat([fields, Buffer.alloc(1)]);
  whole[0] = whole.length;
  return whole;
}

function extensionField(signature: string, ...parts: readonly Buffer[]): Buffer {
  const data = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(signature), Buffer.from([data.length + 4, 1]), data]);
}

/** Declares in the first entry that entries contain extensions, and which: Rock Ridge. */
const SHARING = extensionField('SP', Buffer.from([0xbe, 0xef, 0]));
const EXTENSION = extensionField('ER', Buffer.from([10, 0, 0, 1]), Buffer.from('RRIP_1991A'));

function posixAttributes(mode: number, links: number): Buffer {
  return extensionField('PX', bothEndian32(mode), bothEndian32(links), bothEndian32(0), bothEndian32(0));
}

function posixName(name: string): Buffer {
  return extensionField('NM', Buffer.from([0]), Buffer.from(name, 'latin1'));
}
