import { existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { Refusal } from '../tools';

/**
 * The file behind `ImageSource.file`: a relative path is looked up from Terraform's working folder, then beside the
 * nearest cdktf.json at or above it.
 */
export function findSourceFile(path: string, workingFolder: string = process.cwd()): string {
  const places = candidates(path, workingFolder);
  const place = places.find((one) => existsSync(one));
  if (place === undefined) {
    throw new Refusal(
      `the image file '${path}' is not there: looked for ${places.map((one) => `'${one}'`).join(' and ')}`,
      'put it there, or give its absolute path',
    );
  }
  const type = statSync(place);
  if (type.isFile() || type.isBlockDevice()) return place;
  throw new Refusal(`'${place}' is no image: it is not a file`, 'give the path of an image file');
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

/** What changes when a file is written to, or another takes its place. */
export function stateOf(path: string): string {
  const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
  return [dev, ino, size, mtimeNs].join(' ');
}

/** A file that was written to while it was read is not the one that was checked. `before`: its state before that. */
export function refuseChanged(before: string, path: string, from: string): void {
  if (stateOf(path) === before) return;
  throw new Refusal(`'${from}' changed while it was imported`, 'wait until it is whole, then apply again');
}
