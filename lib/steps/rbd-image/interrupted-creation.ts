import { type Image, isCephError, ENOENT } from '../../ceph';
import { typed } from '../commands';
import { MARK_KEY, parseMark, sameOwner } from '../ownership/mark';
import { differs, type Judgement, OK } from '../step';
import { Refusal, type Tools } from '../tools';
import { DEAD_WATCHER_SECONDS, waitForNoWatchers, watchersText } from '../watchers';
import { nameOf, specOf, type ImageRef } from './image';
import { removeAgain } from './interrupted-removal';
import { type ImageToMake, isTemporaryOf } from './temporary-name';

/**
 * The Ceph worker of a killed run may still be releasing its locks for this long; only then does Ceph begin to forget
 * that it had an image open. An import that goes on ends at its next sign of progress.
 */
const KILLED_RUN_SECONDS = 35 + DEAD_WATCHER_SECONDS;

/** Deletes a temporary image, bypassing the trash. */
export async function removeTemporary(tools: Tools, spec: ImageToMake, temporary: ImageRef): Promise<void> {
  const ceph = tools.ceph(spec.cluster);
  await refuseHalfRenamed(tools, spec, temporary);
  const id = (await ceph.image(nameOf(temporary)))?.id;
  if (id === undefined) return removeAgain(tools, temporary);
  await ceph.removeImage(nameOf(temporary));
  // With 'rbd_move_to_trash_on_remove' the image is now in the trash, where nobody will miss it: it never had its final
  // name.
  await ceph.purgeTrash({ pool: spec.pool, id }).catch((error: unknown) => {
    if (!isCephError(error, ENOENT)) throw error;
  });
}

/**
 * A rename (Ceph 16) writes the new name first: if its machine or the cluster fails, one image is left with two names.
 */
async function refuseHalfRenamed(tools: Tools, spec: ImageToMake, temporary: ImageRef): Promise<void> {
  const ceph = tools.ceph(spec.cluster);
  const [half, whole] = await Promise.all([ceph.image(nameOf(temporary)), ceph.image(nameOf(spec))]);
  if (half === undefined || half.id !== whole?.id) return;
  throw new Refusal(
    `image '${specOf(spec)}': its rename from '${temporary.name}' was interrupted, so that both names are one image`,
    `remove the unfinished name, '${typed('rados', '--pool', spec.pool, 'rm', `rbd_id.${spec.name}`)}', and apply again: the image is created anew`,
    'rename-cut-off',
  );
}

/** Those of `names` that are images left by killed runs of this image's creation. */
export async function leftoversAmong(
  names: readonly string[],
  spec: ImageToMake,
  tools: Tools,
): Promise<readonly ImageRef[]> {
  const found: ImageRef[] = [];
  for (const name of names.filter((one) => isTemporaryOf(spec, one))) {
    const temporary = { cluster: spec.cluster, pool: spec.pool, name };
    const image = await tools.ceph(spec.cluster).image(nameOf(temporary));
    if (mayBeOurs(image, spec)) found.push(temporary);
  }
  return found;
}

/** A clone without its own mark carries its parent's, so a mark counts only if it names this image. */
function mayBeOurs(image: Image | undefined, { owner }: ImageToMake): boolean {
  const mark = parseMark(image?.metadata[MARK_KEY]);
  return mark === undefined || mark.id !== image?.id || sameOwner(mark.owner, owner);
}

/**
 * Removes the leftovers. A child of a killed run may still write into one: waits for that, and returns those that stay
 * in use or are new.
 */
export async function removeLeftovers(
  tools: Tools,
  spec: ImageToMake,
  seconds: number = KILLED_RUN_SECONDS,
): Promise<string[]> {
  const open = new Map<string, string>();
  const found = await leftoversNow(tools, spec);
  const deadline = Date.now() + seconds * 1000;
  for (const image of found) {
    // Before any waiting, as it will not be removed.
    await refuseHalfRenamed(tools, spec, image);
    const rest = Math.max(0, Math.round((deadline - Date.now()) / 1000));
    const watching = await waitForNoWatchers(tools, image.cluster, image.pool, image.name, rest);
    if (watching.length > 0) {
      open.set(image.name, `'${specOf(image)}' (open by ${watchersText(watching)})`);
      continue;
    }
    tools.say(`removing '${specOf(image)}', which an interrupted run left`);
    await removeTemporary(tools, spec, image);
  }
  if (open.size === found.length) return [...open.values()];
  // A child of the killed run may have begun with another one only after the look.
  const still = (await leftoversNow(tools, spec)).filter(({ name }) => !open.has(name));
  return [...open.values(), ...still.map((image) => `'${specOf(image)}'`)];
}

async function leftoversNow(tools: Tools, spec: ImageToMake): Promise<readonly ImageRef[]> {
  return leftoversAmong(await tools.ceph(spec.cluster).imageNames({ pool: spec.pool }), spec, tools);
}

export function judgeLeftovers(left: readonly string[]): Judgement {
  return left.length === 0 ? OK : differs(`an interrupted run left ${left.join(', ')}`);
}

/** What stops a removal; `next` is what to do then. */
export function leftoverRefusal(
  left: readonly string[],
  next = 'wait for it or end it there, then apply again',
): Refusal {
  return new Refusal(`an interrupted run still writes into ${left.join(', ')}`, next, 'interrupted-run');
}
