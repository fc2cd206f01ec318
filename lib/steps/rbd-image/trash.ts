import type { ClusterSpec, OwnerSpec, RbdImageSpec } from '../../model';
import { ceph, rbd, typed } from '../commands';
import { MARK_KEY, parseMark, sameOwner } from '../mark';
import { Refusal, type Tools } from '../tools';
import { specOf, type ImageRef } from './image';

interface TrashEntry {
  readonly id: string;
  readonly name: string;
}

/** A trashed image carries its mark here: image-meta cannot be read in the trash. */
export function trashKey(pool: string, id: string): string {
  return `${MARK_KEY}/trash/${pool}/${id}`;
}

/** Ids of images in the trash that have had one name. */
interface Namesakes {
  /** The owner's removals put them there. */
  readonly ours: readonly string[];
  /** Nobody's mark is on them: an administrator put them there. */
  readonly unmarked: readonly string[];
}

export async function trashedNamesakes(
  tools: Tools,
  image: ImageRef & { readonly owner: OwnerSpec },
): Promise<Namesakes> {
  const { cluster, pool, name, owner } = image;
  const text = await tools.run(rbd(cluster, 'trash', 'ls', '--all', '--format', 'json', pool));
  const namesakes = (JSON.parse(text || '[]') as TrashEntry[]).filter((entry) => entry.name === name);
  if (namesakes.length === 0) return { ours: [], unmarked: [] };
  const marks = await trashMarks(tools, cluster, pool);
  const all = namesakes.map(({ id }) => ({ id, mark: parseMark(marks[trashKey(pool, id)]) }));
  const ids = (found: typeof all): string[] => found.map(({ id }) => id);
  return {
    ours: ids(all.filter(({ id, mark }) => mark?.id === id && sameOwner(mark.owner, owner))),
    unmarked: ids(all.filter(({ id, mark }) => mark?.id !== id)),
  };
}

/** All in one call: `ceph` takes half a second. */
async function trashMarks(tools: Tools, cluster: ClusterSpec, pool: string): Promise<{ [key: string]: string }> {
  const text = await tools.run(ceph(cluster, 'config-key', 'dump', trashKey(pool, ''), '--format', 'json'));
  return JSON.parse(text || '{}') as { [key: string]: string };
}

/**
 * Data of ours may wait in the trash under the name of a missing image. What cannot be made again from its source is
 * refused, since a new image would be a silent blank disk; anything else is made again, and it is told.
 */
export async function heedTrash(spec: RbdImageSpec, tools: Tools): Promise<void> {
  const { ours: ids, unmarked } = await trashedNamesakes(tools, spec);
  const restoresOf = (some: readonly string[]): string =>
    some.map((id) => `'${typed('rbd', 'trash', 'restore', `${spec.pool}/${id}`)}'`).join(' or ');
  if (ids.length === 0) {
    if (unmarked.length === 0) return;
    const text = `image '${specOf(spec)}' is made new, and one of that name is in the trash, without a mark of ours`;
    tools.warn(`${text}; another name restores it: ${unmarked.map((id) => `'${restoreAs(spec, id)}'`).join(' or ')}`);
    return;
  }
  const restores = restoresOf(ids);
  if (isMadeAgain(spec)) {
    tools.say(
      `image '${specOf(spec)}' is made again from its source; the earlier one is still in the trash: ${restores}`,
    );
    return;
  }
  const releases = ids.map((id) => typed('ceph', 'config-key', 'rm', trashKey(spec.pool, id)));
  throw new Refusal(
    `image '${specOf(spec)}' is missing, and its data is in the trash: a new one would be blank`,
    `restore it by ${restores}, or give it up by '${releases.join(' && ')}', then apply again`,
  );
}

function restoreAs({ pool, name }: RbdImageSpec, id: string): string {
  return typed('rbd', 'trash', 'restore', `${pool}/${id}`, '--image', `${name}-before`);
}

/** A source that gives the same data again. */
function isMadeAgain({ source }: RbdImageSpec): boolean {
  const checked = source.sha256 !== undefined || source.sha512 !== undefined;
  return (
    source.file !== undefined ||
    (source.url !== undefined && checked) ||
    source.clone !== undefined ||
    source.snapshot !== undefined
  );
}
