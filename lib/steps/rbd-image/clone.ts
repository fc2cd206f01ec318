import type { RbdImageSpec } from '../../model';
import { rbd } from '../commands';
import { MARK_KEY } from '../mark';
import { Refusal, type Tools } from '../tools';
import { creationOptions } from './import';
import {
  imageInfo,
  parseImageSpec,
  snapshots,
  specOf,
  type ImageInfo,
  type ImageRef,
  type SnapshotInfo,
} from './image';

/** The one snapshot of a parent that all clones are read from. */
export const CLONE_SNAPSHOT = MARK_KEY;

/** Every level slows the first read of a block; the kernel's client follows 16 at most. */
export const DEPTH_LIMIT = 8;

/** The parent's snapshot that the image is cloned from, as it is now; made where it is ours to make. */
export interface CloneParent {
  readonly image: ImageRef;
  readonly snapshot: SnapshotInfo;
}

/** The parent of a clone: an image by our own snapshot of it, or a snapshot that the user named. */
export async function cloneParent(tools: Tools, spec: RbdImageSpec): Promise<CloneParent> {
  const { source, cluster } = spec;
  const text = source.clone ?? source.snapshot ?? '';
  const { pool, name, snapshot: named } = parseImageSpec(text);
  const image = { cluster, pool, name };
  const info = await imageInfo(tools, image);
  if (info === undefined) throw parentMissing(spec, `image '${specOf(image)}'`);
  await refuseDepth(tools, spec, image, info);
  const present = await findSnapshot(tools, image, named ?? CLONE_SNAPSHOT);
  if (present !== undefined) return { image, snapshot: present };
  if (named !== undefined) throw parentMissing(spec, `snapshot '${text}'`);
  return { image, snapshot: await makeCloneSnapshot(tools, image) };
}

/** Makes `target` as a copy-on-write clone. */
export async function cloneInto(
  tools: Tools,
  spec: RbdImageSpec,
  parent: CloneParent,
  target: ImageRef,
): Promise<void> {
  const from = `${specOf(parent.image)}@${parent.snapshot.name}`;
  const options = ['--rbd-default-clone-format', '2', ...creationOptions(spec)];
  await tools.run(rbd(spec.cluster, 'clone', ...options, from, specOf(target)));
}

function findSnapshot(tools: Tools, image: ImageRef, name: string): Promise<SnapshotInfo | undefined> {
  return snapshots(tools, image).then((all) => all.find((one) => one.name === name));
}

/** Under the parent's lock: its removal takes the snapshot away, and two first clones would both make it. */
async function makeCloneSnapshot(tools: Tools, image: ImageRef): Promise<SnapshotInfo> {
  const lock = { image: image.name, pool: image.pool, cluster: image.cluster };
  return tools.withLock(lock, async () => {
    const present = await findSnapshot(tools, image, CLONE_SNAPSHOT);
    if (present !== undefined) return present;
    await tools.run(rbd(image.cluster, 'snap', 'create', '--no-progress', `${specOf(image)}@${CLONE_SNAPSHOT}`));
    const made = await findSnapshot(tools, image, CLONE_SNAPSHOT);
    if (made === undefined) throw new Error(`snapshot '${specOf(image)}@${CLONE_SNAPSHOT}' went away; apply again`);
    return made;
  });
}

function parentMissing(spec: RbdImageSpec, parent: string): Refusal {
  return new Refusal(
    `image '${specOf(spec)}' is missing and so is its parent, ${parent}`,
    `bring the parent back ('rbd trash ls ${parseImageSpec(spec.source.clone ?? spec.source.snapshot ?? '').pool}' lists what is in the trash), or name another source`,
  );
}

async function refuseDepth(tools: Tools, spec: RbdImageSpec, image: ImageRef, info: ImageInfo): Promise<void> {
  if (spec.source.flatten === true) return;
  const chain = [specOf(image)];
  for (let next = info.parent; next !== undefined;) {
    chain.push(`${next.pool}/${next.image}`);
    if (chain.length >= DEPTH_LIMIT) {
      throw new Refusal(
        `image '${specOf(spec)}' would be the clone of a clone, more than ${DEPTH_LIMIT - 1} deep: ${chain.join(' <- ')}`,
        `flatten it ('flatten: true') or one of its parents ('rbd flatten ${specOf(image)}')`,
      );
    }
    if (next.trash) return;
    next = (await imageInfo(tools, { cluster: image.cluster, pool: next.pool, name: next.image }))?.parent;
  }
}
