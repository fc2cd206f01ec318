import { EEXIST, type Image, isCephError, type Snapshot } from '../../ceph';
import { parseImageSpec, type RbdImageSpec } from '../../model';
import { MARK_KEY } from '../ownership/mark';
import { Refusal, type Tools } from '../tools';
import { nameOf, imageSpecOf, type ImageRef } from './rbd-command';
import { refuseMigrating, refuseReadOnly } from './managed-elsewhere';
import { inPool } from './observed-image';

/** The parent's one snapshot from which all clones read. */
export const CLONE_SNAPSHOT = MARK_KEY;

/** Every level slows the first read of a block; the kernel's client follows at most 16. */
export const DEPTH_LIMIT = 8;

/** The parent's snapshot from which the image is cloned, as it is now; created if it is our own. */
export interface CloneParent {
  readonly image: ImageRef;
  readonly snapshot: Snapshot;
}

/** The parent of a clone: an image with our own snapshot, or a snapshot that the user named. */
export async function cloneParent(tools: Tools, spec: RbdImageSpec): Promise<CloneParent> {
  const { source, cluster } = spec;
  const text = source.clone ?? source.snapshot ?? '';
  const { pool, name, snapshot: named } = parseImageSpec(text);
  const image = { cluster, pool, name };
  const found = await imageIn(tools, image);
  if (found === undefined) throw parentMissing(spec, `image '${imageSpecOf(image)}'`);
  refuseMigrating(image, found);
  await refuseDepth(tools, spec, image, found);
  const present = snapshotOf(found, named ?? CLONE_SNAPSHOT);
  if (present !== undefined) return { image, snapshot: present };
  if (named !== undefined) throw parentMissing(spec, `snapshot '${text}'`);
  refuseReadOnly(image, found);
  return { image, snapshot: await makeCloneSnapshot(tools, image) };
}

function imageIn(tools: Tools, image: ImageRef): Promise<Image | undefined> {
  return inPool(image, () => tools.ceph(image.cluster).image(nameOf(image)));
}

/** Only snapshots that users see: others live on only for their clones. */
function snapshotOf(image: Image | undefined, name: string): Snapshot | undefined {
  return image?.snapshots.find((one) => one.namespace === 'user' && one.name === name);
}

/** Under the parent's lock, because its removal removes the snapshot, and two first clones would both create it. */
async function makeCloneSnapshot(tools: Tools, image: ImageRef): Promise<Snapshot> {
  const lock = { image: image.name, pool: image.pool, cluster: image.cluster };
  return tools.withLock(lock, async () => {
    try {
      await tools.ceph(image.cluster).createSnapshot({ ...nameOf(image), snapshot: CLONE_SNAPSHOT });
    } catch (error) {
      if (!isCephError(error, EEXIST)) throw error;
    }
    const made = snapshotOf(await imageIn(tools, image), CLONE_SNAPSHOT);
    if (made === undefined)
      throw new Refusal(
        `snapshot '${imageSpecOf(image)}@${CLONE_SNAPSHOT}' has disappeared`,
        'apply again',
        'vanished',
      );
    return made;
  });
}

function parentMissing(spec: RbdImageSpec, parent: string): Refusal {
  const { pool } = parseImageSpec(spec.source.clone ?? spec.source.snapshot ?? '');
  return new Refusal(
    `image '${imageSpecOf(spec)}' is missing and so is its parent, ${parent}`,
    `restore the parent ('rbd trash ls ${pool}' lists the trash), or choose another source`,
    'parent-missing',
  );
}

async function refuseDepth(tools: Tools, spec: RbdImageSpec, image: ImageRef, found: Image): Promise<void> {
  if (spec.source.flatten === true) return;
  const chain = [imageSpecOf(image)];
  for (let next = found.parent; next !== undefined;) {
    chain.push(`${next.pool}/${next.image}`);
    if (chain.length >= DEPTH_LIMIT) {
      throw new Refusal(
        `image '${imageSpecOf(spec)}' would be a clone of a clone, more than ${DEPTH_LIMIT - 1} levels deep: ${chain.join(' <- ')}`,
        `flatten it ('flatten: true') or one of its parents ('rbd flatten ${imageSpecOf(image)}')`,
        'clone-depth',
      );
    }
    if (next.trash) return;
    next = (await imageIn(tools, { cluster: image.cluster, pool: next.pool, name: next.image }))?.parent;
  }
}
