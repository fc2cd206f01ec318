import { join } from 'node:path';
import { Refusal, ToolError, type Command, type Tools } from '../tools';
import { contentOf, type Compression } from './file-content';
import type { ImageRef } from './rbd-command';
import { Progress } from './progress';
import { noRoom } from './scratch-folder';

/**
 * The machine's own tools unpack, in their own processes: they are faster than npm's packages, end with the script, and
 * leave it free to renew its locks. Node.js itself supports gzip, zstd since 22.15, and neither xz nor bzip2.
 */
const UNPACKERS: { readonly [name in Compression]: readonly string[] } = {
  gzip: ['gzip', '-dc'],
  xz: ['xz', '-dc'],
  zstd: ['zstd', '-dcq', '--long=31'],
  bzip2: ['bzip2', '-dc'],
};
const SUFFIXES: { readonly [name in Compression]: RegExp } = {
  gzip: /\.t?gz$/i,
  xz: /\.t?xz$/i,
  zstd: /\.(zst|zstd)$/i,
  bzip2: /\.t?bz2$/i,
};

/**
 * How a file is compressed, if it is to be unpacked. A disk with a declared format may contain anything, so its name
 * must say so too. `from` is the user's name for the file.
 */
export function compressionOf(path: string, from: string, format: string | undefined): Compression | undefined {
  const { compression } = contentOf(path);
  if (compression === undefined || format === undefined) return compression;
  return SUFFIXES[compression].test(from) ? compression : undefined;
}

/** Unpacks a file into the folder as a stream, sparse where it is zeros; returns the path of the result. */
export async function unpack(
  tools: Tools,
  image: ImageRef,
  packed: { readonly path: string; readonly from: string; readonly compression: Compression },
  folder: string,
): Promise<string> {
  const { path, from, compression } = packed;
  const target = join(folder, 'unpacked');
  const source: Command = { argv: [...UNPACKERS[compression], '--', path], transport: { type: 'local' } };
  const write = ['dd', `of=${target}`, 'bs=64K', 'iflag=fullblock', 'conv=sparse', 'status=none'];
  tools.say(`unpacking '${from}' (${compression})`);
  const progress = new Progress(tools, `unpacking '${from}'`);
  try {
    await tools.pipe(source, { argv: write, transport: { type: 'local' } }, (total) => progress.amount(total));
  } catch (error) {
    throw await unpackFault(error, source, from, folder, image);
  }
  return target;
}

async function unpackFault(
  error: unknown,
  source: Command,
  from: string,
  folder: string,
  image: ImageRef,
): Promise<unknown> {
  if (!(error instanceof ToolError)) return error;
  const said = error.outcome.stderr.trim();
  if (said.includes('No space left')) return noRoom(folder, `room for the unpacked content of '${from}'`, image);
  if (error.command !== source) return error;
  const tool = source.argv[0] as string;
  return new Refusal(
    `the file '${from}' is damaged or incomplete: ${tool} says '${said.split('\n').find((line) => line !== '') ?? ''}'`,
    'wait until it is copied, or fetch it again, then apply again',
    'file-damaged',
  );
}
