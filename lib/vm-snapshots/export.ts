import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rbd } from '../steps/commands';
import { Progress } from '../steps/rbd-image/progress';
import { Refusal, type Tools } from '../steps/tools';
import type { VmDisk } from './disks';
import { onCluster } from '../exec/unreachable-monitors';
import { type Vm, wholeSnapshot } from './vm';

/** A disk and the file that it was exported to. */
export interface ExportedDisk {
  readonly target: string;
  readonly file: string;
}

/** Writes each disk's snapshot to a raw, sparse file on this machine; never overwrites existing files. */
export async function exportSnapshot(
  tools: Tools,
  vm: Vm,
  name: string,
  folder: string,
): Promise<readonly ExportedDisk[]> {
  return onCluster(vm.spec.cluster, tools, async () => {
    await wholeSnapshot(vm, name, tools);
    const files = vm.disks.map((disk) => ({ disk, file: resolve(join(folder, `${disk.target}.raw`)) }));
    files.forEach(({ file }) => refuseTaken(file));
    mkdirSync(folder, { recursive: true });
    for (const { disk, file } of files) await exportDisk(tools, disk, name, file);
    return files.map(({ disk, file }) => ({ target: disk.target, file }));
  });
}

async function exportDisk(tools: Tools, disk: VmDisk, name: string, file: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.part`;
  try {
    await fill(tools, disk, name, temporary);
    giveName(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** If `rbd` runs elsewhere, the disk comes through a pipe; `dd` then skips the zeroes. */
async function fill(tools: Tools, { image, imageSpec }: VmDisk, name: string, file: string): Promise<void> {
  if (image.cluster.transport.type === 'local') {
    const found = await tools.ceph(image.cluster).image({ pool: image.pool, name: image.name });
    const size = found?.snapshots.find((one) => one.name === name)?.size;
    const progress = new Progress(tools, `exporting '${imageSpec}@${name}'`, size);
    await tools.run(rbd(image.cluster, 'export', `${imageSpec}@${name}`, file), {
      onProgress: (line) => progress.line(line),
    });
    return;
  }
  const sink = ['dd', `of=${file}`, 'bs=4M', 'iflag=fullblock', 'conv=sparse,fsync', 'status=none'];
  const source = rbd(image.cluster, 'export', '--no-progress', `${imageSpec}@${name}`, '-');
  await tools.pipe(source, { argv: sink, transport: { type: 'local' } });
}

/**
 * Takes the name first, in one operation, so that no concurrent export is overwritten; some file systems have no hard
 * links.
 */
export function giveName(temporary: string, file: string): void {
  try {
    closeSync(openSync(file, 'wx'));
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? taken(file) : error;
  }
  renameSync(temporary, file);
}

function refuseTaken(file: string): void {
  if (existsSync(file)) throw taken(file);
}

function taken(file: string): Refusal {
  return new Refusal(`'${file}' already exists`, 'choose another folder, or move it away', 'file-exists');
}
