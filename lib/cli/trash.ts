import type { CephPoolSpec, ClusterSpec, RbdImageSpec } from '../model';
import { ceph, rbd } from '../steps/commands';
import { parseMark } from '../steps/mark';
import { imageNames } from '../steps/rbd-image/image';
import { trashKey } from '../steps/rbd-image/trash';
import { Refusal, type Tools } from '../steps/tools';
import { onCluster, ownerOrDash, type Result, type Session } from './session';
import { ofKind, type Objects } from './specs';
import { table } from './table';

/** An image in the trash that one of our removals put there. */
export interface Trashed {
  readonly pool: string;
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  /** As `rbd` prints it: "protected until ...", "expired at ...". */
  readonly status: string;
}

interface Place {
  readonly cluster: ClusterSpec;
  readonly pool: string;
}

/** What is in the trash of a pool, or of all pools that the stack uses. */
export async function trashList(session: Session, pool?: string): Promise<Result> {
  const places = placesOf(await session.objects(), pool);
  const found: Trashed[] = [];
  for (const place of places) {
    found.push(...(await onCluster(place.cluster, session.tools, () => trashedIn(place, session.tools))));
  }
  const rows = found.map((one) => [`${one.pool}/${one.id}`, one.name, one.status, one.owner]);
  const none = [`no image of ours is in the trash of ${places.map((one) => one.pool).join(', ')}`];
  return { json: found, lines: rows.length === 0 ? none : table(['ID', 'NAME', 'STATUS', 'OWNER'], rows) };
}

/** Brings an image back, under its own name or another; never over one that is there. */
export async function trashRestore(session: Session, text: string, name?: string): Promise<Result> {
  const [, pool, id] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (pool === undefined || id === undefined) {
    throw new Refusal(`'${text}' is not POOL/ID`, "'trash list' shows them");
  }
  const { tools } = session;
  const [place] = placesOf(await session.objects(), pool);
  const { cluster } = place as Place;
  return onCluster(cluster, tools, async () => {
    const found = (await trashedIn({ cluster, pool }, tools)).find((one) => one.id === id);
    if (found === undefined) {
      throw new Refusal(`no image of ours with the id '${id}' is in the trash of '${pool}'`, "'trash list' shows them");
    }
    const wanted = name ?? found.name;
    return tools.withLock({ cluster, pool, image: wanted }, async () => {
      if ((await imageNames(tools, cluster, pool)).includes(wanted)) {
        throw new Refusal(`image '${pool}/${wanted}' is there already`, 'give another name by --name');
      }
      await tools.run(rbd(cluster, 'trash', 'restore', '--image', wanted, `${pool}/${id}`));
      await tools.run(ceph(cluster, 'config-key', 'rm', trashKey(pool, id)));
      const image = `${pool}/${wanted}`;
      return { json: { ...found, image }, lines: [`image '${image}' is back`] };
    });
  });
}

export function parseTrash(listed: string, marks: string, pool: string): Trashed[] {
  const texts = JSON.parse(marks || '{}') as { [key: string]: string };
  const entries = JSON.parse(listed || '[]') as { id: string; name: string; status: string }[];
  return entries.flatMap(({ id, name, status }) => {
    const mark = parseMark(texts[trashKey(pool, id)]);
    return mark?.id === id ? [{ pool, id, name, owner: ownerOrDash(mark.owner), status }] : [];
  });
}

async function trashedIn({ cluster, pool }: Place, tools: Tools): Promise<Trashed[]> {
  const listed = await tools.run(rbd(cluster, 'trash', 'ls', '--all', '--long', '--format', 'json', pool));
  const marks = await tools.run(ceph(cluster, 'config-key', 'dump', trashKey(pool, ''), '--format', 'json'));
  return parseTrash(listed, marks, pool);
}

function placesOf(objects: Objects, pool: string | undefined): Place[] {
  const all = [
    ...ofKind<CephPoolSpec>(objects, 'ceph-pool').map(({ spec }) => ({ cluster: spec.cluster, pool: spec.name })),
    ...ofKind<RbdImageSpec>(objects, 'rbd-image').map(({ spec }) => ({ cluster: spec.cluster, pool: spec.pool })),
  ];
  const places = new Map(all.map((place) => [JSON.stringify([place.cluster.monitors, place.pool]), place]));
  const found = [...places.values()].filter((place) => pool === undefined || place.pool === pool);
  if (found.length > 0) return found;
  const known = [...new Set(all.map((place) => place.pool))].join(', ') || 'none';
  const problem = pool === undefined ? 'the stack uses no pool' : `the stack uses no pool '${pool}'`;
  throw new Refusal(problem, `its pools are: ${known}`);
}
