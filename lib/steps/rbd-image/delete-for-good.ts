import type { Child, Image } from '../../ceph';
import type { RbdImageRemoval } from '../../model';
import { commandText } from '../commands';
import { type Mark, sameOwner } from '../ownership/mark';
import { Refusal, type Tools } from '../tools';
import { refuseWatchers } from '../watchers';
import { CLONE_SNAPSHOT } from './clone';
import { deleteTrashedParentsWithoutClones } from './clones-gone';
import { nameOf, imageSpecOf } from './rbd-command';
import { Progress } from './progress';
import { moveToTrash } from './move-to-trash';
import { trashMarks } from './look-in-trash';
import { markOf } from './observed-image';

/** "'pool/a', 'pool/b' (in the trash)" */
export function childrenText(children: readonly Child[]): string {
  return children.map(({ pool, image, trash }) => `'${pool}/${image}'${trash ? ' (in the trash)' : ''}`).join(', ');
}

/**
 * DELETE: deletes the image for good. Refuses while anything would lose data: users, clones, snapshots that are not
 * ours. Clones of the same owner may leave in the same apply, even after it: then the image waits in the trash for the
 * last of them.
 */
export async function deleteImage(spec: RbdImageRemoval, image: Image, mark: Mark, tools: Tools): Promise<void> {
  await deleteOrLeaveToClones(spec, image, mark, tools);
  // Includes the image itself: its last clone may have left before it got to the trash.
  await deleteTrashedParentsWithoutClones(
    spec,
    [spec.pool, ...(image.parent === undefined ? [] : [image.parent.pool])],
    tools,
  );
}

async function deleteOrLeaveToClones(spec: RbdImageRemoval, image: Image, mark: Mark, tools: Tools): Promise<void> {
  const children = await tools.ceph(spec.cluster).children(nameOf(spec));
  await refuseOthersClones(spec, children, tools);
  if (children.length > 0) {
    await moveToTrash(spec, { ...mark, untilClonesAreGone: true, parentPool: image.parent?.pool }, 0, tools);
    tools.say(
      `image '${imageSpecOf(spec)}' has clones, ${childrenText(children)}: it waits in the trash, and is deleted with the last of them`,
    );
    return;
  }
  await refuseWatchers(tools, spec.cluster, spec, 'deleted');
  const ceph = tools.ceph(spec.cluster);
  if (image.snapshots.some(isCloneSnapshot)) await ceph.removeSnapshot({ ...nameOf(spec), snapshot: CLONE_SNAPSHOT });
  const progress = new Progress(tools, `deleting '${imageSpecOf(spec)}'`);
  await ceph.removeImage(nameOf(spec), { onProgress: (done) => progress.at(done) });
  if ((await ceph.trash({ pool: spec.pool })).some(({ id }) => id === image.id)) tellMovedToTrash(spec, image, tools);
}

/** Checked before anything is touched. */
export function refuseForeignSnapshots(spec: RbdImageRemoval, image: Image): void {
  const others = image.snapshots.filter((one) => one.namespace !== 'trash' && !isCloneSnapshot(one));
  if (others.length === 0) return;
  const names = others.map(
    ({ name, namespace }) => `'${imageSpecOf(spec)}@${name}'${namespace === 'group' ? ' (of a group)' : ''}`,
  );
  const first = others.find(({ namespace }) => namespace === 'user')?.name;
  const byHand = first === undefined ? '' : ` ('${commandText('rbd', 'snap', 'rm', `${imageSpecOf(spec)}@${first}`)}')`;
  throw new Refusal(
    `image '${imageSpecOf(spec)}' cannot be deleted: it has snapshots, ${names.join(', ')}`,
    `remove them by hand if they are not needed${byHand}, or use the removal policy TRASH, which keeps them`,
    'image-has-snapshots',
  );
}

function isCloneSnapshot({ name, namespace }: Image['snapshots'][number]): boolean {
  return namespace === 'user' && name === CLONE_SNAPSHOT;
}

/**
 * Clones of others do not leave with this stack, nor do those in the trash, except those that wait there for their own
 * clones.
 */
async function refuseOthersClones(spec: RbdImageRemoval, children: readonly Child[], tools: Tools): Promise<void> {
  const staying: Child[] = [];
  for (const child of children) if (!(await mayLeave(spec, child, tools))) staying.push(child);
  if (staying.length === 0) return;
  throw new Refusal(
    `image '${imageSpecOf(spec)}' cannot be deleted: it has clones, ${childrenText(staying)}`,
    `remove or flatten them ('rbd trash rm' deletes those in the trash), or use the removal policy TRASH, which clones live with`,
    'has-clones',
  );
}

async function mayLeave(spec: RbdImageRemoval, child: Child, tools: Tools): Promise<boolean> {
  const { cluster, owner } = spec;
  if (child.trash) {
    const mark = (await trashMarks({ cluster, pool: child.pool }, tools)).get(child.id);
    return mark?.untilClonesAreGone === true && sameOwner(mark.owner, owner);
  }
  const image = await tools.ceph(cluster).image({ pool: child.pool, name: child.image });
  if (image === undefined) return true; // it left in the meantime
  const mark = markOf(image);
  return mark?.id === image.id && sameOwner(mark.owner, owner);
}

function tellMovedToTrash(spec: RbdImageRemoval, { id }: Image, tools: Tools): void {
  tools.warn(
    `image '${imageSpecOf(spec)}' is in the trash, because the cluster or its pool has 'rbd_move_to_trash_on_remove' set: '${commandText('rbd', 'trash', 'rm', `${spec.pool}/${id}`)}' deletes it`,
  );
}
