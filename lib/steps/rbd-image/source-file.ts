import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { Refusal } from '../tools';

/**
 * The file behind `ImageSource.file`: a relative path is looked up in Terraform's working folder, then beside the
 * nearest cdktf.json at or above it.
 */
export function findSourceFile(path: string, workingFolder: string = process.cwd()): string {
  const found = existingPath(path, workingFolder);
  if (found === undefined) {
    const places = candidates(path, workingFolder).map((one) => `'${one}'`);
    throw new Refusal(
      `the file of the image does not exist: looked for ${places.join(' and ')}`,
      'put it there, or correct the path',
      'file-missing',
    );
  }
  const type = statSync(found);
  if (type.isFile() || type.isBlockDevice()) return found;
  throw new Refusal(`'${found}' is neither a file nor a block device`, 'correct the path', 'file-no-image');
}

/** Undefined if it is not on this machine. */
export function existingPath(path: string, workingFolder: string): string | undefined {
  return candidates(path, workingFolder).find((one) => existsSync(one));
}

function candidates(path: string, workingFolder: string): string[] {
  if (isAbsolute(path)) return [path];
  const project = projectFolder(workingFolder);
  const places = [resolve(workingFolder, path), ...(project === undefined ? [] : [resolve(project, path)])];
  return [...new Set(places)];
}

function projectFolder(folder: string): string | undefined {
  if (existsSync(join(folder, 'cdktf.json'))) return folder;
  return dirname(folder) === folder ? undefined : projectFolder(dirname(folder));
}

/** What changes when a file is written to or replaced. */
export function stateOf(path: string): string {
  const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
  return [dev, ino, size, mtimeNs].join(' ');
}

/** Refuses a file that changed while it was read: it is not the one that was checked. `before` is its earlier state. */
export function refuseChanged(before: string, path: string, from: string): void {
  if (stateOf(path) === before) return;
  throw new Refusal(
    `the file '${from}' changed while it was imported`,
    'wait until it is complete, then apply again',
    'changed-meanwhile',
  );
}

/** Larger files are compared only by size: `verify` must not read gigabytes. */
const LARGEST_HASHED = 2 ** 28;

/** What identifies a file later, on any machine. */
export interface FileFacts {
  readonly size: number;
  readonly sha256?: string;
}

export async function factsOf(path: string): Promise<FileFacts> {
  const { size } = statSync(path);
  if (size > LARGEST_HASHED) return { size };
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return { size, sha256: hash.digest('hex') };
}

/**
 * The facts about the file behind `ImageSource.file` as it is now; undefined if it is not on this machine, or not a
 * file.
 */
export async function factsNow(path: string, workingFolder: string = process.cwd()): Promise<FileFacts | undefined> {
  const found = existingPath(path, workingFolder);
  return found !== undefined && statSync(found).isFile() ? factsOf(found) : undefined;
}

export function isOtherFile(before: FileFacts, now: FileFacts): boolean {
  const hashed = before.sha256 !== undefined && now.sha256 !== undefined;
  return before.size !== now.size || (hashed && before.sha256 !== now.sha256);
}
