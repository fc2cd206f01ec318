import { statSync } from 'node:fs';
import type { RbdImageSpec } from '../../model';
import type { Tools } from '../tools';
import { checkChecksums, type Checksums } from './checksum';
import { listedChecksum } from './checksum-list';
import { createThenRename } from './create-then-rename';
import { inspect } from './disk-file';
import type { ImageRef } from './rbd-command';
import { importDisk } from './import';
import { withScratch } from './scratch-folder';
import { factsOf, refuseChanged, stateOf } from './source-file';
import { compressionOf, unpack } from './unpack';
import { growNew, refuseSmaller } from './initial-size';

/** Creates an image from a URL. */
export async function fromUrl(tools: Tools, spec: RbdImageSpec, url: string): Promise<void> {
  // Loads the HTTP client, which most images do not need.
  const { download } = await import('./download.js');
  await withScratch(spec, async (folder) => {
    const listed = await listedFor(tools, spec);
    const path = await download(tools, { url: spec.fetch?.url ?? url, headers: spec.fetchHeaders }, folder, spec);
    await importFile(tools, spec, { path, from: url, checksums: { ...listed, ...spec.source } }, folder);
  });
}

/** Fetched before the file itself, which would be useless if the list does not name it. */
async function listedFor(tools: Tools, { source, fetch, fetchHeaders }: RbdImageSpec): Promise<Partial<Checksums>> {
  if (source.checksumUrl === undefined || source.url === undefined) return {};
  const { downloadText } = await import('./download.js');
  const listUrl = fetch?.checksumUrl ?? source.checksumUrl;
  const headers = new URL(listUrl).origin === new URL(source.url).origin ? fetchHeaders : undefined;
  return listedChecksum(await downloadText(tools, { url: listUrl, headers }), source.url, listUrl);
}

/** Creates an image from a file of this machine, which the user calls `from`. */
export async function fromFile(tools: Tools, spec: RbdImageSpec, path: string, from: string): Promise<void> {
  const file = { path, from, checksums: spec.source };
  if (compressionOf(path, from, spec.source.format) === undefined) return importFile(tools, spec, file);
  await withScratch(spec, (folder) => importFile(tools, spec, file, folder));
}

interface SourceFile {
  readonly path: string;
  /** The user's name for it. */
  readonly from: string;
  /** The checksums of the file as it was published. */
  readonly checksums: Checksums;
}

/** Finds everything that can be wrong with the file before it creates anything. */
async function importFile(tools: Tools, spec: RbdImageSpec, file: SourceFile, scratch?: string): Promise<void> {
  const { path, from } = file;
  const before = stateOf(path);
  await checkChecksums(tools, file.checksums, path, from);
  const compression = compressionOf(path, from, spec.source.format);
  const packed = compression !== undefined && scratch !== undefined && { path, from, compression };
  const disk = await inspect(
    tools,
    packed ? await unpack(tools, spec, packed, scratch) : path,
    spec.source.format,
    from,
  );
  refuseSmaller(spec, disk.size, `the content of '${from}'`);
  const fill = async (temporary: ImageRef): Promise<void> => {
    await importDisk(tools, spec, disk, temporary, scratch);
    await growNew(tools, spec, disk.size, temporary);
    refuseChanged(before, path, from);
  };
  const isFile = spec.source.file !== undefined && statSync(path).isFile();
  await createThenRename(tools, spec, fill, isFile ? await factsOf(path) : undefined);
}
