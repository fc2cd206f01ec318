import type { Image } from '../ceph';
import { type ClusterSpec, parseImageSpec } from '../model';
import { rbd, commandText } from './commands';
import { MARK_KEY } from './ownership/mark';
import { imageInfo, type ImageRef, setMeta, imageSpecOf } from './rbd-image/rbd-command';
import { type Command, type Outcome, Refusal, ToolError, type Tools } from './tools';

/**
 * Written to every disk of a VM before the first is rolled back, and removed once all are: in between the disks may be
 * from different moments, and a killed run cannot report that. If one of them has no mark, all are from one moment.
 */
export const ROLLBACK_KEY = `${MARK_KEY}.rollback`;

interface RollbackMark {
  /** The id of the image itself: clones and copies inherit the mark. */
  readonly id: string;
  readonly snapshot: string;
  /** "pool/image": every disk that is rolled back together with it. */
  readonly images: readonly string[];
}

export async function markRollback(images: readonly ImageRef[], snapshot: string, tools: Tools): Promise<void> {
  for (const image of images) {
    const id = (await imageInfo(tools, image))?.id;
    if (id === undefined) throw new Refusal(`image '${imageSpecOf(image)}' has disappeared`, 'apply again', 'vanished');
    const mark: RollbackMark = { id, snapshot, images: images.map(imageSpecOf) };
    await setMeta(tools, image, ROLLBACK_KEY, mark);
  }
}

/** `run` is the caller's, because the mark must also be removed after an interruption. */
export async function unmarkRollback(
  images: readonly ImageRef[],
  run: (command: Command) => Promise<Outcome>,
): Promise<void> {
  for (const image of images) {
    const command = rbd(image.cluster, 'image-meta', 'remove', imageSpecOf(image), ROLLBACK_KEY);
    const outcome = await run(command);
    if (outcome.exitCode !== 0) throw new ToolError(command, outcome);
  }
}

/** Throws if a rollback of one of these images, "pool/image", has begun and not finished. */
export async function refuseHalfRolledBack(
  vm: { readonly name: string; readonly cluster: ClusterSpec },
  images: readonly string[],
  tools: Tools,
): Promise<void> {
  for (const image of images) {
    const { pool, name } = parseImageSpec(image);
    // An image in a namespace, attached by hand: no VM with one is rolled back.
    if (pool === '') continue;
    const found = await tools.ceph(vm.cluster).image({ pool, name });
    const mark = found && rollbackMark(found);
    if (mark === undefined || !(await hasBegun(mark, vm.cluster, tools))) continue;
    const { snapshot } = mark;
    throw new Refusal(
      `VM '${vm.name}' is only partly rolled back to its snapshot '${snapshot}': its disks may be from different moments`,
      `roll all of them back with '${commandText('cdktf-libvirt-ceph', 'rollback', vm.name, snapshot)}', then apply again`,
      'rollback-unfinished',
    );
  }
}

/** False if one of its disks lacks the mark: the rollback has not begun, or its last disk is done. */
async function hasBegun({ snapshot, images }: RollbackMark, cluster: ClusterSpec, tools: Tools): Promise<boolean> {
  for (const spec of images) {
    const found = await tools.ceph(cluster).image(parseImageSpec(spec));
    if (found !== undefined && rollbackMark(found)?.snapshot !== snapshot) return false;
  }
  return true;
}

function rollbackMark({ id, metadata }: Image): RollbackMark | undefined {
  const text = metadata[ROLLBACK_KEY];
  const mark = text === undefined ? undefined : (JSON.parse(text) as RollbackMark);
  return mark?.id === id ? mark : undefined;
}
