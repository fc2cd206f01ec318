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

/** The ids of the images of that name which the owner's removals put in the trash. */
export async function trashedNamesakes(
  tools: Tools,
  image: ImageRef & { readonly owner: OwnerSpec },
): Promise<readonly string[]> {
  const { cluster, pool, name, owner } = image;
  const text = await tools.run(rbd(cluster, 'trash', 'ls', '--all', '--format', 'json', pool));
  const namesakes = (JSON.parse(text || '[]') as TrashEntry[]).filter((entry) => entry.name === name);
  if (namesakes.length === 0) return [];
  const marks = await trashMarks(tools, cluster, pool);
  return namesakes
    .map(({ id }) => id)
    .filter((id) => {
      const mark = parseMark(marks[trashKey(pool, id)]);
      return mark?.id === id && sameOwner(mark.owner, owner);
    });
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
  const ids = await trashedNamesakes(tools, spec);
  if (ids.length === 0) return;
  const restores = ids.map((id) => `'${typed('rbd', 'trash', 'restore', `${spec.pool}/${id}`)}'`).join(' or ');
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
