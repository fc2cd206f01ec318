import type { Image } from '../../ceph';
import type { RbdImageSpec } from '../../model';
import { MARK_KEY, markFor } from '../ownership/mark';
import { Refusal, type Tools } from '../tools';
import { refuseWatchers } from '../watchers';
import { creationOf } from './creation-record';
import { nameOf, SOURCE_KEY, imageSpecOf, type ImageRef } from './rbd-command';
import { strayData } from './managed-elsewhere';
import type { FileFacts } from './source-file';
import { removeLeftovers, removeTemporary } from './interrupted-creation';
import { temporaryName } from './temporary-name';

/**
 * Creates an image: `fill` creates it under a temporary name; the rename, which refuses a taken name, commits it. If a
 * crash interrupts the rename, the next run completes it (interrupted-rename.ts).
 */
export async function createThenRename(
  tools: Tools,
  spec: RbdImageSpec,
  fill: (temporary: ImageRef) => Promise<void>,
  file?: FileFacts,
): Promise<void> {
  await removeLeftovers(tools, spec, 0);
  const temporary = { cluster: spec.cluster, pool: spec.pool, name: temporaryName(spec) };
  try {
    await fill(temporary);
    await markImage(tools, spec, temporary, file);
    // Ceph would rename even an open image, and its writer would keep writing into it.
    await refuseWatchers(tools, spec.cluster, temporary, 'given its final name');
    await tools.ceph(spec.cluster).renameImage({ ...nameOf(temporary), to: spec.name });
  } catch (error) {
    // Best effort: the next run removes what is left, and the first error matters more.
    await removeTemporary(tools, spec, temporary).catch(() => undefined);
    throw error;
  }
}

/** Writes the mark, and what the image is created from. */
async function markImage(tools: Tools, spec: RbdImageSpec, temporary: ImageRef, file?: FileFacts): Promise<void> {
  const ceph = tools.ceph(spec.cluster);
  const image = await ceph.image(nameOf(temporary));
  if (image === undefined)
    throw new Refusal(`image '${imageSpecOf(spec)}' was removed while it was being created`, 'apply again', 'vanished');
  refuseStrayData(spec, image);
  const set = (key: string, value: object): Promise<void> =>
    ceph.setMetadata({ ...nameOf(temporary), key, value: JSON.stringify(value) });
  await set(SOURCE_KEY, creationOf(spec, image.id, file));
  await set(MARK_KEY, markFor(spec, image.id));
}

/**
 * Refuses a data pool that comes only from a default of the cluster: no client has a grant for it, so QEMU could not
 * read its disk.
 */
function refuseStrayData(spec: RbdImageSpec, image: Image): void {
  if (!strayData(spec, image)) return;
  throw new Refusal(
    `image '${imageSpecOf(spec)}' was not created: its data would be in '${image.dataPool}', because of the 'rbd_default_data_pool' of the cluster or of its pool`,
    `set 'dataPool' to that pool, so that the VMs' clients get access to it, or to the image's own pool to have its data there`,
    'data-pool-default',
  );
}
