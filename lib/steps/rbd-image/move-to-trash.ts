import type { RbdImageRemoval } from '../../model';
import { type Tools } from '../tools';
import { refuseWatchers } from '../watchers';
import { nameOf } from './rbd-command';
import { type TrashMark, trashKey } from './look-in-trash';

/**
 * Writes the trashed image's mark first, because metadata cannot be read in the trash; Ceph would move even an image in
 * use.
 */
export async function moveToTrash(
  spec: RbdImageRemoval,
  mark: TrashMark,
  delaySeconds: number,
  tools: Tools,
): Promise<void> {
  await refuseWatchers(tools, spec.cluster, spec, 'moved to the trash');
  const ceph = tools.ceph(spec.cluster);
  // The entry's owner, which the lookup in the trash compares: the image may name the owner before the stack was
  // renamed.
  const kept = JSON.stringify({ ...mark, owner: spec.owner });
  await ceph.setConfigKey({ key: trashKey(spec.pool, mark.id), value: kept });
  await refuseWatchers(tools, spec.cluster, spec, 'moved to the trash');
  await ceph.trashImage({ ...nameOf(spec), delaySeconds });
}
