import { statSync } from 'node:fs';
import { bytesText, parseSize, type RbdImageSpec } from '../../model';
import { Refusal, type Tools } from '../tools';
import { checkChecksums, type Checksums } from './checksum';
import { listedChecksum } from './checksum-list';
import { cloneParent } from './clone';
import { createThenRename } from './create-then-rename';
import { dataPoolFault } from './data-pool';
import { inspect } from './disk-file';
import { nameOf, specOf, type ImageRef } from './image';
import { creationParameters, importDisk } from './import';
import { Progress } from './progress';
import { withScratch } from './scratch';
import { makeSeed } from './seed-image';
import { factsOf, findSourceFile, refuseChanged, stateOf } from './source-file';
import { compressionOf, unpack } from './unpack';
import { inPool } from './world';

/** Makes a missing image from its source. */
export async function makeImage(spec: RbdImageSpec, tools: Tools): Promise<void> {
  await inPool(spec, async () => {
    try {
      await make(spec, tools);
    } catch (error) {
      throw await dataPoolFault(spec, error, tools);
    }
  });
}

async function make(spec: RbdImageSpec, tools: Tools): Promise<void> {
  const { source } = spec;
  if (source.seed !== undefined) await makeSeed(tools, spec);
  else if (source.file !== undefined) await fromFile(tools, spec, findSourceFile(source.file), source.file);
  else if (source.url !== undefined) await fromUrl(tools, spec, source.url);
  else if (source.clone !== undefined || source.snapshot !== undefined) await fromParent(tools, spec);
  else await createBlank(tools, spec);
}

async function createBlank(tools: Tools, spec: RbdImageSpec): Promise<void> {
  if (spec.size === undefined) {
    throw new Refusal(
      `image '${specOf(spec)}' is blank and has no size`,
      "give it one: 'size: Size.gibibytes(20)'",
      'image-size-missing',
    );
  }
  const size = parseSize(spec.size);
  await createThenRename(tools, spec, (temporary) =>
    tools.ceph(spec.cluster).createImage({ ...nameOf(temporary), ...creationParameters(spec), size }),
  );
}

async function fromUrl(tools: Tools, spec: RbdImageSpec, url: string): Promise<void> {
  // Loads the clients of HTTP, which most images have no use for.
  const { download } = await import('./download.js');
  await withScratch(spec, async (folder) => {
    const listed = await listedFor(tools, spec);
    const path = await download(tools, { url: spec.fetch?.url ?? url, headers: spec.fetchHeaders }, folder, spec);
    await importFile(tools, spec, { path, from: url, checksums: { ...listed, ...spec.source } }, folder);
  });
}

/** Before the file itself: a list that does not name it would have it fetched for nothing. */
async function listedFor(tools: Tools, { source, fetch, fetchHeaders }: RbdImageSpec): Promise<Partial<Checksums>> {
  if (source.checksumUrl === undefined || source.url === undefined) return {};
  const { downloadText } = await import('./download.js');
  const listUrl = fetch?.checksumUrl ?? source.checksumUrl;
  const headers = new URL(listUrl).origin === new URL(source.url).origin ? fetchHeaders : undefined;
  return listedChecksum(await downloadText(tools, { url: listUrl, headers }), source.url, listUrl);
}

async function fromFile(tools: Tools, spec: RbdImageSpec, path: string, from: string): Promise<void> {
  const file = { path, from, checksums: spec.source };
  if (compressionOf(path, from, spec.source.format) === undefined) return importFile(tools, spec, file);
  await withScratch(spec, (folder) => importFile(tools, spec, file, folder));
}

interface SourceFile {
  readonly path: string;
  /** How the user named it. */
  readonly from: string;
  /** Of the file as it was published. */
  readonly checksums: Checksums;
}

/** Everything that can be wrong with the file is found before anything is made. */
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
  refuseSmaller(spec, disk.size, `what is in '${from}'`);
  const fill = async (temporary: ImageRef): Promise<void> => {
    await importDisk(tools, spec, disk, temporary, scratch);
    await growNew(tools, spec, disk.size, temporary);
    refuseChanged(before, path, from);
  };
  const isFile = spec.source.file !== undefined && statSync(path).isFile();
  await createThenRename(tools, spec, fill, isFile ? await factsOf(path) : undefined);
}

async function fromParent(tools: Tools, spec: RbdImageSpec): Promise<void> {
  const parent = await cloneParent(tools, spec);
  const { size } = parent.snapshot;
  refuseSmaller(spec, size, `its parent '${specOf(parent.image)}@${parent.snapshot.name}'`);
  const ceph = tools.ceph(spec.cluster);
  await createThenRename(tools, spec, async (temporary) => {
    const from = { ...nameOf(parent.image), snapshot: parent.snapshot.name };
    await ceph.cloneImage({ ...nameOf(temporary), ...creationParameters(spec), parent: from });
    if (spec.source.flatten === true) {
      const progress = new Progress(tools, `flattening '${specOf(spec)}'`, size);
      await ceph.flattenImage(nameOf(temporary), { onProgress: (done) => progress.at(done) });
    }
    await growNew(tools, spec, size, temporary);
  });
}

async function growNew(tools: Tools, spec: RbdImageSpec, size: number, temporary: ImageRef): Promise<void> {
  if (spec.size === undefined || parseSize(spec.size) <= size) return;
  await tools.ceph(spec.cluster).growImage({ ...nameOf(temporary), size: parseSize(spec.size) });
}

function refuseSmaller(spec: RbdImageSpec, size: number, of: string): void {
  if (spec.size === undefined || parseSize(spec.size) >= size) return;
  throw new Refusal(
    `image '${specOf(spec)}' would be cut: its size is ${spec.size}, and ${of} has ${bytesText(size)} (${size} bytes)`,
    'give it at least that size, or none',
    'image-shrinks',
  );
}
