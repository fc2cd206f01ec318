import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MARK_KEY } from '../mark';
import { Refusal } from '../tools';
import { specOf, type ImageRef } from './image';
import { bytesText } from './progress';

/** Left on the disk beside what we write. */
const RESERVE_BYTES = 64 * 2 ** 20;

/**
 * A folder for large files that does not outlive `work`. What a killed run of the same image left goes first: the
 * image's lock says that nobody uses it any more.
 */
export async function withScratch<T>(image: ImageRef, work: (folder: string) => Promise<T>): Promise<T> {
  const { monitors } = image.cluster;
  const digest = createHash('sha256')
    .update(JSON.stringify([monitors, image.pool, image.name]))
    .digest('hex');
  const prefix = `${MARK_KEY}-${digest.slice(0, 16)}-`;
  for (const left of await readdir(tmpdir())) {
    if (left.startsWith(prefix)) await rm(join(tmpdir(), left), { recursive: true, force: true });
  }
  const folder = await mkdtemp(join(tmpdir(), prefix));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Refuses when the disk that holds `folder` has no room for so many bytes. */
export async function checkRoom(folder: string, bytes: number, image: ImageRef): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free - RESERVE_BYTES >= bytes) return;
  throw new Refusal(
    `the import of '${specOf(image)}' needs ${bytesText(bytes)} in '${tmpdir()}', where ${bytesText(free)} are free`,
    'make room there, or set TMPDIR to a larger place',
  );
}
