import type { RbdImageRemoval } from '../../model';
import { type Tools } from '../tools';
import { refuseWatchers } from '../watchers';
import { nameOf } from './image';
import { type TrashMark, trashKey } from './trash';

/** The mark goes to the trash first: a move takes even what is in use, and nothing can be read of it afterwards. */
export async function moveToTrash(
  spec: RbdImageRemoval,
  mark: TrashMark,
  delaySeconds: number,
  tools: Tools,
): Promise<void> {
  await refuseWatchers(tools, spec.cluster, spec, 'moved to the trash');
  const ceph = tools.ceph(spec.cluster);
  // The entry's owner, by whom it is looked for: that in the image may be the one before the stack was renamed.
  const kept = JSON.stringify({ ...mark, owner: spec.owner });
  await ceph.setConfigKey({ key: trashKey(spec.pool, mark.id), value: kept });
  await refuseWatchers(tools, spec.cluster, spec, 'moved to the trash');
  await ceph.trashImage({ ...nameOf(spec), delaySeconds });
}
