import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesText, clusterIdentity } from '../../model';
import { MARK_KEY } from '../ownership/mark';
import { Refusal } from '../tools';
import { imageSpecOf, type ImageRef } from './rbd-command';

/** Space that stays free on the disk in addition to what we write. */
const RESERVE_BYTES = 64 * 2 ** 20;

/**
 * Provides `work` with a folder for large files that is removed afterwards; one at a time per image, under its lock.
 */
export async function withScratch<T>(image: ImageRef, work: (folder: string) => Promise<T>): Promise<T> {
  await clearScratch(image);
  const folder = await mkdtemp(join(tmpdir(), prefixOf(image)));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The folders that killed runs of this user left for the image: its lock guarantees that nobody uses them any more. */
export async function scratchLeft(image: ImageRef): Promise<readonly string[]> {
  const prefix = prefixOf(image);
  const names = await namesInTmp();
  return names.filter((name) => name.startsWith(prefix)).map((name) => join(tmpdir(), name));
}

let reading: Promise<readonly string[]> | undefined;

/** Read once for all callers in the meantime, because `verify` asks for many images at a time. */
function namesInTmp(): Promise<readonly string[]> {
  reading ??= readdir(tmpdir())
    .catch(() => [])
    .finally(() => (reading = undefined));
  return reading;
}

export async function clearScratch(image: ImageRef): Promise<void> {
  for (const folder of await scratchLeft(image)) await rm(folder, { recursive: true, force: true });
}

function prefixOf({ cluster, pool, name }: ImageRef): string {
  const digest = createHash('sha256').update(JSON.stringify([clusterIdentity(cluster), pool, name]));
  // In a shared folder (/tmp), another user's leftovers cannot be removed.
  return `${MARK_KEY}-${digest.digest('hex').slice(0, 16)}-${process.getuid?.() ?? ''}-`;
}

/** Refuses if the disk that holds `folder` does not have that many bytes free. */
export async function checkRoom(folder: string, bytes: number, image: ImageRef): Promise<void> {
  if ((await freeIn(folder)) - RESERVE_BYTES < bytes) throw await noRoom(folder, bytesText(bytes), image);
}

/** `what` needs more than is free on the disk that holds `folder`. */
export async function noRoom(folder: string, what: string, image: ImageRef): Promise<Refusal> {
  const [free, kept] = [bytesText(await freeIn(folder)), bytesText(RESERVE_BYTES)];
  return new Refusal(
    `image '${imageSpecOf(image)}': its import needs ${what} in '${tmpdir()}', where ${free} are free and ${kept} must stay free`,
    'make room there, or set TMPDIR to a larger place',
    'no-room',
  );
}

async function freeIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
