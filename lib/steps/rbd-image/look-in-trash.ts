import type { OwnerSpec, RbdImageSpec } from '../../model';
import { commandText } from '../commands';
import { MARK_KEY, ownerText, parseMark, sameOwner, type Mark } from '../ownership/mark';
import { Refusal, type Tools } from '../tools';
import { imageSpecOf, type ImageRef } from './rbd-command';

/** A trashed image's mark is kept here, because its own metadata cannot be read in the trash. */
export function trashKey(pool: string, id: string): string {
  return `${MARK_KEY}/trash/${pool}/${id}`;
}

/** The mark in the trash. */
export interface TrashMark extends Mark {
  /** Its removal policy is DELETE: it is deleted for good with the last of its clones. */
  readonly untilClonesAreGone?: true;
  /** The pool in which its own parent may wait for it. */
  readonly parentPool?: string;
}

/** The marks of a pool's trash, by image id. */
export async function trashMarks(
  { cluster, pool }: Pick<ImageRef, 'cluster' | 'pool'>,
  tools: Tools,
): Promise<ReadonlyMap<string, TrashMark>> {
  const prefix = trashKey(pool, '');
  const texts = await tools.ceph(cluster).configKeys({ prefix });
  const marks = Object.entries(texts).map(([key, text]) => [key.slice(prefix.length), parseMark(text)] as const);
  return new Map(marks.filter((entry): entry is readonly [string, TrashMark] => entry[0] === entry[1]?.id));
}

/** Images in the trash that had the same name. */
export interface Namesakes {
  /** Put there by removals of this owner. */
  readonly ours: readonly string[];
  /** Put there by others: by a removal of another owner or, without a mark, by an administrator. */
  readonly others: readonly { readonly id: string; readonly owner?: OwnerSpec }[];
}

export async function lookInTrash(image: ImageRef & { readonly owner: OwnerSpec }, tools: Tools): Promise<Namesakes> {
  const { cluster, pool, name, owner } = image;
  const namesakes = (await tools.ceph(cluster).trash({ pool })).filter((entry) => entry.name === name);
  if (namesakes.length === 0) return { ours: [], others: [] };
  const marks = await trashMarks(image, tools);
  const all = namesakes.map(({ id }) => ({ id, owner: marks.get(id)?.owner }));
  const isOurs = (one: (typeof all)[number]): boolean => one.owner !== undefined && sameOwner(one.owner, owner);
  return { ours: all.filter(isOurs).map(({ id }) => id), others: all.filter((one) => !isOurs(one)) };
}

/**
 * Our data may wait in the trash under the name of a missing image. If it cannot be created again from its source,
 * creating it is refused, because a new image would silently be a blank disk.
 */
export function refuseTrashed(spec: RbdImageSpec, { ours }: Namesakes): void {
  if (ours.length === 0 || isMadeAgain(spec)) return;
  const releases = ours.map((id) => commandText('ceph', 'config-key', 'rm', trashKey(spec.pool, id)));
  throw new Refusal(
    `image '${imageSpecOf(spec)}' is missing, but its data is in the trash: a new one would be blank`,
    `restore it with ${restores(spec, ours)}, or give it up with '${releases.join(' && ')}', then apply again`,
    'image-in-trash',
  );
}

/** For an image that is about to be created: what is in the trash under its name nevertheless. */
export function tellTrashed(spec: RbdImageSpec, { ours, others }: Namesakes, tools: Tools): void {
  if (ours.length > 0) {
    const earlier = `the earlier one is still in the trash: ${restores(spec, ours)}`;
    tools.say(`image '${imageSpecOf(spec)}' is recreated from its source; ${earlier}`);
    return;
  }
  for (const { id, owner } of others) {
    const whose = owner === undefined ? 'without our mark' : `of ${ownerText(owner)}`;
    const text = `image '${imageSpecOf(spec)}' is created, although one of that name is in the trash, ${whose}`;
    tools.warn(`${text}; to restore that under another name: '${restoreAs(spec, id)}'`);
  }
}

function restores({ pool }: RbdImageSpec, ids: readonly string[]): string {
  return ids.map((id) => `'${commandText('rbd', 'trash', 'restore', `${pool}/${id}`)}'`).join(' or ');
}

function restoreAs({ pool, name }: RbdImageSpec, id: string): string {
  return commandText('rbd', 'trash', 'restore', `${pool}/${id}`, '--image', `${name}-before`);
}

/** A source that gives the same data again; a list of checksums at a URL may by then name another file. */
function isMadeAgain({ source }: RbdImageSpec): boolean {
  const checked = source.sha256 !== undefined || source.sha512 !== undefined;
  return (
    source.seed !== undefined ||
    source.file !== undefined ||
    (source.url !== undefined && checked) ||
    source.clone !== undefined ||
    source.snapshot !== undefined
  );
}
