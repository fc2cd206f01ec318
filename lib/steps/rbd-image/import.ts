import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { CreationOptions } from '../../ceph';
import type { ClusterSpec, RbdImageSpec } from '../../model';
import { parseSize } from '../../model';
import { rbd, inBytes } from '../commands';
import type { Command, Tools } from '../tools';
import { qemuImg, type DiskFile } from './disk-file';
import { nameOf, imageSpecOf, type ImageRef } from './rbd-command';
import { Progress } from './progress';
import { checkRoom, withScratch } from './scratch-folder';

/** Runs of zeros of this length are not written into RBD. */
export const SPARSE_BYTES = 65_536;

type Made = Pick<RbdImageSpec, 'objectSize' | 'dataPool' | 'features'>;

/** The settings with which an image of the spec is created. */
export function creationParameters({ objectSize, dataPool, features }: Made): CreationOptions {
  return {
    ...(objectSize === undefined ? {} : { objectSize: parseSize(objectSize) }),
    ...(dataPool === undefined ? {} : { dataPool }),
    ...(features === undefined ? {} : { features }),
  };
}

/** The same as options of `rbd create`, `import` and `clone`. */
export function creationOptions(spec: Made): string[] {
  return [
    ...(spec.objectSize === undefined ? [] : ['--object-size', inBytes(spec.objectSize)]),
    ...(spec.dataPool === undefined ? [] : ['--data-pool', spec.dataPool]),
    ...(spec.features === undefined ? [] : ['--image-feature', spec.features.join(',')]),
  ];
}

/**
 * Creates `target` with the disk in a file; sparse parts stay sparse. `scratch`: the folder for large files, if there
 * is one.
 */
export async function importDisk(
  tools: Tools,
  spec: RbdImageSpec,
  disk: DiskFile,
  target: ImageRef,
  scratch?: string,
): Promise<void> {
  if (spec.cluster.transport.type === 'local') return convertIntoRbd(tools, spec, disk, target);
  if (disk.format === 'raw') return streamIntoRbd(tools, spec, disk.path, target);
  if (scratch !== undefined) return convertAndStream(tools, spec, disk, target, scratch);
  await withScratch(spec, (folder) => convertAndStream(tools, spec, disk, target, folder));
}

async function convertAndStream(
  tools: Tools,
  spec: RbdImageSpec,
  disk: DiskFile,
  target: ImageRef,
  folder: string,
): Promise<void> {
  const raw = join(folder, 'raw');
  await checkRoom(folder, await allocated(tools, disk), spec);
  tools.say(`converting '${disk.path}' before it is streamed`);
  const convert = qemuImg('convert', '-p', '-f', disk.format, '-O', 'raw', disk.path, raw);
  await runWithProgress(tools, convert, `converting for '${imageSpecOf(spec)}'`, disk.size);
  await streamIntoRbd(tools, spec, raw, target);
}

async function convertIntoRbd(tools: Tools, spec: RbdImageSpec, disk: DiskFile, target: ImageRef): Promise<void> {
  await tools.ceph(spec.cluster).createImage({ ...nameOf(target), ...creationParameters(spec), size: disk.size });
  const into = ['-f', disk.format, '-O', 'raw', disk.path, rbdFilename(spec.cluster, target)];
  const convert = qemuImg('convert', '-p', '-n', '--target-is-zero', ...into);
  await runWithProgress(tools, convert, `importing '${imageSpecOf(spec)}'`, disk.size);
}

/** `rbd import` runs where the transport leads, but the file is here. */
async function streamIntoRbd(tools: Tools, spec: RbdImageSpec, path: string, target: ImageRef): Promise<void> {
  const options = [...creationOptions(spec), '--sparse-size', inBytes(SPARSE_BYTES), '--no-progress'];
  tools.say(`streaming '${path}' into '${imageSpecOf(spec)}'`);
  const source: Command = { argv: ['cat', '--', path], transport: { type: 'local' } };
  const { size } = statSync(path);
  const progress = new Progress(tools, `streaming into '${imageSpecOf(spec)}'`, size);
  await tools.pipe(source, rbd(spec.cluster, 'import', ...options, '-', imageSpecOf(target)), (total) =>
    progress.at((total / size) * 100),
  );
}

async function runWithProgress(tools: Tools, command: Command, what: string, total: number): Promise<void> {
  const progress = new Progress(tools, what, total);
  await tools.run(command, { onProgress: (line) => progress.line(line) });
}

/** Bytes that a sparse raw file of the disk needs. */
async function allocated(tools: Tools, disk: DiskFile): Promise<number> {
  const map = await tools.run(qemuImg('map', '--output', 'json', '-f', disk.format, disk.path));
  const extents = JSON.parse(map) as readonly { readonly length: number; readonly data: boolean }[];
  return extents.reduce((sum, { length, data }) => sum + (data ? length : 0), 0);
}

/**
 * QEMU's name for an image: "rbd:pool/image:id=admin:conf=/etc/ceph/ceph.conf", with separators in the values escaped.
 */
export function rbdFilename(cluster: ClusterSpec, image: ImageRef): string {
  const options = { id: cluster.adminId ?? 'admin', conf: cluster.confFile, keyring: cluster.keyringFile };
  const given = Object.entries(options).flatMap(([key, value]) =>
    value === undefined ? [] : [`:${key}=${value.replace(/[\\:=@]/g, '\\$&')}`],
  );
  return `rbd:${imageSpecOf(image)}${given.join('')}`;
}
