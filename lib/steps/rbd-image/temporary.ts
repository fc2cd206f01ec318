import { createHash, randomBytes } from 'node:crypto';
import type { ClusterSpec, OwnerSpec, RbdImageSpec } from '../../model';
import { rbd, typed } from '../commands';
import { MARK_KEY, markFor, sameOwner } from '../mark';
import { differs, OK, type Step } from '../step';
import { Refusal, type Tools } from '../tools';
import { DEAD_WATCHER_SECONDS, refuseWatchers, waitForNoWatchers, watchersText } from '../watchers';
import { creationOf } from './creation';
import { removeAgain } from './cut-off';
import { imageInfo, imageMark, imageNames, setMeta, SOURCE_KEY, specOf, type ImageRef } from './image';
import { scratchLeft } from './scratch';
import type { FileFacts } from './source-file';

/** Whose leftovers: an image under its lock. */
export interface Making {
  readonly cluster: ClusterSpec;
  readonly pool: string;
  readonly name: string;
  readonly owner: OwnerSpec;
}

/**
 * An image is made under a name that nobody else uses and renamed when it is whole: two imports into one image would
 * both succeed, and a killed one would leave half an image under the real name. The owner is in the name too, so that a
 * leftover is known as ours from its first moment on, before it carries a mark.
 */
export function temporaryName(spec: Making): string {
  return `${temporaryPrefix(spec)}${randomBytes(8).toString('hex')}`;
}

export function isTemporaryOf(spec: Making, name: string): boolean {
  const prefix = temporaryPrefix(spec);
  return name.startsWith(prefix) && /^[0-9a-f]{16}$/.test(name.slice(prefix.length));
}

function temporaryPrefix({ name, owner }: Making): string {
  const digest = createHash('sha256').update(JSON.stringify([owner.project, owner.stack, owner.workspace]));
  return `${name}.${MARK_KEY}-${digest.digest('hex').slice(0, 16)}-`;
}

/** The mark and, beside it, what the image is made from. Returns the image's id. */
export async function markImage(tools: Tools, spec: RbdImageSpec, image: ImageRef, file?: FileFacts): Promise<string> {
  const info = await imageInfo(tools, image);
  if (info === undefined) throw new Error(`image '${specOf(image)}' went away while it was made; apply again`);
  await setMeta(tools, image, SOURCE_KEY, creationOf(spec, info.id, file));
  await setMeta(tools, image, MARK_KEY, markFor(spec, info.id));
  return info.id;
}

/**
 * Makes an image: `fill` makes it under the temporary name that it is given; the rename, which refuses a name that is
 * taken, is the commit. It is never ended half-way: the image would have both names, and go with the temporary one.
 */
export async function makeAndCommit(
  tools: Tools,
  spec: RbdImageSpec,
  fill: (temporary: ImageRef) => Promise<void>,
  file?: FileFacts,
): Promise<void> {
  await sweep(tools, spec, 0);
  const temporary = { cluster: spec.cluster, pool: spec.pool, name: temporaryName(spec) };
  try {
    await fill(temporary);
    await markImage(tools, spec, temporary, file);
    // `rbd rename` moves even what somebody has open, who would go on writing into the image.
    await refuseWatchers(tools, spec.cluster, temporary, `renamed to '${specOf(spec)}'`);
    await tools.run(rbd(spec.cluster, 'rename', specOf(temporary), specOf(spec)), { toItsEnd: true });
  } catch (error) {
    // Best effort: what stays is taken by the next run, and the fault itself is what matters.
    await discard(tools, spec, temporary).catch(() => undefined);
    throw error;
  }
}

async function discard(tools: Tools, spec: Making, temporary: ImageRef): Promise<void> {
  const id = (await imageInfo(tools, temporary))?.id;
  if (id === undefined) return removeAgain(tools, temporary);
  await refuseHalfRenamed(tools, spec, temporary, id);
  await tools.run(rbd(spec.cluster, 'rm', '--no-progress', specOf(temporary)));
}

/** `rbd rename` (16) writes the new name first: cut off by the end of its machine or an outage, it leaves one image with two names. */
async function refuseHalfRenamed(tools: Tools, spec: Making, temporary: ImageRef, id: string): Promise<void> {
  if (id !== (await imageInfo(tools, spec))?.id) return;
  throw new Refusal(
    `the rename of '${specOf(temporary)}' to '${specOf(spec)}' was cut off, so that both are one image`,
    `take the name that was not finished away, '${typed('rados', '--pool', spec.pool, 'rm', `rbd_id.${spec.name}`)}', and apply again: the image is made anew`,
  );
}

/** The temporaries that killed runs left of this image. */
export async function leftovers(tools: Tools, spec: Making): Promise<readonly ImageRef[]> {
  const names = await imageNames(tools, spec.cluster, spec.pool);
  const found: ImageRef[] = [];
  for (const name of names.filter((one) => isTemporaryOf(spec, one))) {
    const image = { cluster: spec.cluster, pool: spec.pool, name };
    const mark = await imageMark(tools, image);
    // A clone that has no mark of its own yet carries its parent's.
    const own = mark !== undefined && mark.id === (await imageInfo(tools, image))?.id;
    if (!own || sameOwner(mark.owner, spec.owner)) found.push(image);
  }
  return found;
}

/**
 * Removes them, by `rbd rm` only, which refuses what is in use. A child of a killed run may still write into one: it is
 * waited for, and returned when it does not end.
 */
export async function sweep(tools: Tools, spec: Making, seconds: number = DEAD_WATCHER_SECONDS): Promise<string[]> {
  const left: string[] = [];
  for (const image of await leftovers(tools, spec)) {
    const watching = await waitForNoWatchers(tools, image.cluster, image.pool, image.name, seconds);
    if (watching.length > 0) {
      left.push(`'${specOf(image)}' (open by ${watchersText(watching)})`);
      continue;
    }
    tools.say(`removing '${specOf(image)}', which an interrupted run left`);
    await discard(tools, spec, image);
  }
  return left;
}

/** The step that clears it, but for what it does about that which cannot be cleared: part of `ensure` and of `remove`. */
export const remainsOfRuns: Omit<Step<Making>, 'act'> = {
  name: 'what interrupted runs left',
  describe: () => [],
  async observe(spec, tools) {
    const names = [...(await leftovers(tools, spec)).map(specOf), ...(await scratchLeft(spec))];
    return names.length === 0 ? OK : differs(`an interrupted run left ${names.join(', ')}`);
  },
};

export function leftoverRefusal(left: readonly string[]): Refusal {
  return new Refusal(
    `an interrupted run still writes into ${left.join(', ')}`,
    'wait for it or end it there, then apply again',
  );
}
