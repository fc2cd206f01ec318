import { type Image, isCephError, ENOENT } from '../../ceph';
import { MARK_KEY, parseMark, sameOwner } from '../ownership/mark';
import { differs, type Judgement, OK } from '../step';
import { Refusal, type Tools } from '../tools';
import { DEAD_WATCHER_SECONDS, waitForNoWatchers, watchersText } from '../watchers';
import { nameOf, imageSpecOf, type ImageRef } from './rbd-command';
import { removeAgain } from './interrupted-removal';
import { type ImageToMake, isTemporaryOf } from './temporary-name';

/**
 * The Ceph worker of a killed run may still be releasing its locks for this long; only then does Ceph begin to forget
 * that it had an image open. An import that is still running notices at its next line of progress that its script is
 * gone, and ends.
 */
const KILLED_RUN_SECONDS = 35 + DEAD_WATCHER_SECONDS;

/** Deletes a temporary image, bypassing the trash; one that already has its final name, too, is kept. */
export async function removeTemporary(tools: Tools, spec: ImageToMake, temporary: ImageRef): Promise<void> {
  const ceph = tools.ceph(spec.cluster);
  if (await isRenamedInPart(tools, spec, temporary)) return;
  const id = (await ceph.image(nameOf(temporary)))?.id;
  if (id === undefined) return removeAgain(tools, temporary);
  await ceph.removeImage(nameOf(temporary));
  // With 'rbd_move_to_trash_on_remove' the image is now in the trash, where nobody will miss it: it never had its final
  // name.
  await ceph.purgeTrash({ pool: spec.pool, id }).catch((error: unknown) => {
    if (!isCephError(error, ENOENT)) throw error;
  });
}

/** What `interrupted-rename.ts` completes: both names are one image. */
async function isRenamedInPart(tools: Tools, spec: ImageToMake, temporary: ImageRef): Promise<boolean> {
  const ceph = tools.ceph(spec.cluster);
  const [half, whole] = await Promise.all([ceph.image(nameOf(temporary)), ceph.image(nameOf(spec))]);
  return half !== undefined && half.id === whole?.id;
}

export interface Leftover extends ImageRef {
  /** Ceph's id of the image; undefined if only its name is left. */
  readonly id: string | undefined;
}

/** Those of `names` that are images left by killed runs of this image's creation. */
export async function leftoversAmong(
  names: readonly string[],
  spec: ImageToMake,
  tools: Tools,
): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  for (const name of names.filter((one) => isTemporaryOf(spec, one))) {
    const temporary = { cluster: spec.cluster, pool: spec.pool, name };
    const image = await tools.ceph(spec.cluster).image(nameOf(temporary));
    if (mayBeOurs(image, spec)) found.push({ ...temporary, id: image?.id });
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
    const rest = Math.max(0, Math.round((deadline - Date.now()) / 1000));
    const watching = await waitForNoWatchers(tools, image.cluster, image.pool, image.name, rest);
    if (watching.length > 0) {
      open.set(image.name, `'${imageSpecOf(image)}' (open by ${watchersText(watching)})`);
      continue;
    }
    tools.say(`removing '${imageSpecOf(image)}', which an interrupted run left`);
    await removeTemporary(tools, spec, image);
  }
  if (open.size === found.length) return [...open.values()];
  // A child of the killed run may have begun with another one only after the look.
  const still = (await leftoversNow(tools, spec)).filter(({ name }) => !open.has(name));
  return [...open.values(), ...still.map((image) => `'${imageSpecOf(image)}'`)];
}

async function leftoversNow(tools: Tools, spec: ImageToMake): Promise<readonly Leftover[]> {
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
