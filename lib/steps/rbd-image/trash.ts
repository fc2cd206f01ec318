import type { ClusterSpec, OwnerSpec, RbdImageSpec } from '../../model';
import { ceph, rbd, typed } from '../commands';
import { MARK_KEY, ownerText, parseMark, sameOwner } from '../mark';
import { Seen } from '../seen';
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

/** Images in the trash that have had one name. */
interface Namesakes {
  /** The owner's removals put them there. */
  readonly ours: readonly string[];
  /** Others': a removal of another owner put them there, or, where there is no mark, an administrator. */
  readonly others: readonly { readonly id: string; readonly owner?: OwnerSpec }[];
}

type Owned = ImageRef & { readonly owner: OwnerSpec };

const seen = new Seen((image: Owned, tools) => trashedNamesakes(tools, image));

async function trashedNamesakes(tools: Tools, image: Owned): Promise<Namesakes> {
  const { cluster, pool, name, owner } = image;
  const text = await tools.run(rbd(cluster, 'trash', 'ls', '--all', '--format', 'json', pool));
  const namesakes = (JSON.parse(text || '[]') as TrashEntry[]).filter((entry) => entry.name === name);
  if (namesakes.length === 0) return { ours: [], others: [] };
  const marks = await trashMarks(tools, cluster, pool);
  const all = namesakes.map(({ id }) => {
    const mark = parseMark(marks[trashKey(pool, id)]);
    return mark?.id === id ? { id, owner: mark.owner } : { id };
  });
  const isOurs = (one: (typeof all)[number]): boolean => one.owner !== undefined && sameOwner(one.owner, owner);
  return { ours: all.filter(isOurs).map(({ id }) => id), others: all.filter((one) => !isOurs(one)) };
}

/** All in one call: `ceph` takes half a second. */
async function trashMarks(tools: Tools, cluster: ClusterSpec, pool: string): Promise<{ [key: string]: string }> {
  const text = await tools.run(ceph(cluster, 'config-key', 'dump', trashKey(pool, ''), '--format', 'json'));
  return JSON.parse(text || '{}') as { [key: string]: string };
}

/**
 * Data of ours may wait in the trash under the name of a missing image. What cannot be made again from its source is
 * refused, since a new image would be a silent blank disk.
 */
export async function refuseTrashed(spec: RbdImageSpec, tools: Tools): Promise<void> {
  const { ours } = await seen.afresh(spec, tools);
  if (ours.length === 0 || isMadeAgain(spec)) return;
  const releases = ours.map((id) => typed('ceph', 'config-key', 'rm', trashKey(spec.pool, id)));
  throw new Refusal(
    `image '${specOf(spec)}' is missing, and its data is in the trash: a new one would be blank`,
    `restore it by ${restores(spec, ours)}, or give it up by '${releases.join(' && ')}', then apply again`,
  );
}

/** Of an image that is about to be made: what waits in the trash under its name all the same. */
export async function tellTrashed(spec: RbdImageSpec, tools: Tools): Promise<void> {
  const { ours, others } = await seen.get(spec, tools);
  if (ours.length > 0) {
    const earlier = `the earlier one is still in the trash: ${restores(spec, ours)}`;
    tools.say(`image '${specOf(spec)}' is made again from its source; ${earlier}`);
    return;
  }
  for (const { id, owner } of others) {
    const whose = owner === undefined ? 'without a mark of ours' : `of ${ownerText(owner)}`;
    const text = `image '${specOf(spec)}' is made new, and one of that name is in the trash, ${whose}`;
    tools.warn(`${text}; another name restores it: '${restoreAs(spec, id)}'`);
  }
}

function restores({ pool }: RbdImageSpec, ids: readonly string[]): string {
  return ids.map((id) => `'${typed('rbd', 'trash', 'restore', `${pool}/${id}`)}'`).join(' or ');
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
