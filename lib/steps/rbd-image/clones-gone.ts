import { EBUSY, ENOENT, ENOTEMPTY, isCephError } from '../../ceph';
import type { RbdImageRemoval } from '../../model';
import { sameOwner } from '../ownership/mark';
import type { Tools } from '../tools';
import { CLONE_SNAPSHOT } from './clone';
import { type TrashMark, trashKey, trashMarks } from './look-in-trash';

/**
 * Deletes images that waited in the trash for the last of their clones, in the pools that a removal touched. One that
 * still has clones stays; a deleted one may free its own parent.
 */
export async function deleteTrashedParentsWithoutClones(
  spec: RbdImageRemoval,
  pools: readonly string[],
  tools: Tools,
): Promise<void> {
  const left = new Set(pools);
  for (const pool of left) {
    const marks = await trashMarks({ cluster: spec.cluster, pool }, tools);
    const waiting = [...marks.values()].filter(
      (mark) => mark.untilClonesAreGone === true && sameOwner(mark.owner, spec.owner),
    );
    for (const mark of waiting) {
      if (!(await deleteWaiting(spec, pool, mark, tools))) continue;
      // Looks again, because its parent may wait in a pool that was already looked at.
      const parentPool = mark.parentPool ?? pool;
      left.delete(parentPool);
      left.add(parentPool);
    }
  }
}

/** True if it no longer waits. */
async function deleteWaiting(spec: RbdImageRemoval, pool: string, mark: TrashMark, tools: Tools): Promise<boolean> {
  const ceph = tools.ceph(spec.cluster);
  try {
    await ceph.purgeTrash({ pool, id: mark.id, snapshot: CLONE_SNAPSHOT });
    tools.say(`image '${pool}/${mark.id}', which was in the trash until its last clone was removed, is deleted`);
  } catch (error) {
    if (isCephError(error, EBUSY, ENOTEMPTY)) return false;
    // Somebody restored it, or deleted it by hand: then it no longer waits.
    if (!isCephError(error, ENOENT)) throw error;
  }
  await ceph.removeConfigKey({ key: trashKey(pool, mark.id) });
  return true;
}
