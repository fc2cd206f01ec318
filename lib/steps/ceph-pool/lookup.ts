import type { Pool, PoolContents } from '../../ceph';
import type { CephPoolRemoval, CephPoolSpec, OwnerSpec } from '../../model';
import { INTENT, readMark } from '../ownership/config-key';
import { type MonitorAddresses, monitorAddresses } from '../ceph-monitors';
import { type Mark, type Ownership, ownershipOf } from '../ownership/mark';
import type { Tools } from '../tools';

/** The pool as a removal sees it. */
export interface PoolWorld {
  readonly monitors: MonitorAddresses;
  readonly mark: Mark | undefined;
  /** Undefined: there is no such pool. */
  readonly pool: Pool | undefined;
}

/** The same for `ensure`. */
export interface WantedPoolWorld extends PoolWorld {
  /** The number of the wanted CRUSH rule; undefined if there is no rule of that name, or none is wanted. */
  readonly crushRule: number | undefined;
}

/** The same for `remove`. */
export interface LeavingPoolWorld extends PoolWorld {
  /** What a pool that is ours and is to be deleted contains. */
  readonly contents: PoolContents | undefined;
}

type Named = Pick<CephPoolSpec | CephPoolRemoval, 'cluster' | 'name'>;

export async function observe(spec: CephPoolSpec, tools: Tools): Promise<WantedPoolWorld> {
  const rule = spec.crushRule === undefined ? undefined : tools.ceph(spec.cluster).crushRule({ name: spec.crushRule });
  const [world, crushRule] = await Promise.all([look(spec, tools), rule]);
  return { ...world, crushRule };
}

export async function observeLeaving(removal: CephPoolRemoval, tools: Tools): Promise<LeavingPoolWorld> {
  const world = await look(removal, tools);
  const goes = removal.removalPolicy === 'delete' && world.pool !== undefined && isOurs(world, removal);
  return { ...world, contents: goes ? await tools.ceph(removal.cluster).poolContents(removal) : undefined };
}

async function look(spec: Named, tools: Tools): Promise<PoolWorld> {
  const [monitors, mark, pool] = await Promise.all([
    monitorAddresses(spec.cluster, tools),
    readMark(spec.cluster, markName(spec), tools),
    tools.ceph(spec.cluster).pool({ name: spec.name }),
  ]);
  return { monitors, mark, pool };
}

/** The key under which its mark is kept. */
export function markName({ name }: Pick<Named, 'name'>): string {
  return `pool/${name}`;
}

export function titleOf({ name }: Pick<Named, 'name'>): string {
  return `pool '${name}'`;
}

/** Who owns the pool, or its name if there is no pool, seen from an owner and an entry id. */
export function ownershipIn(
  { mark, pool }: PoolWorld,
  spec: { readonly owner: OwnerSpec },
  entryId: string,
): Ownership {
  const id = pool === undefined ? (mark?.id ?? INTENT) : String(pool.id);
  // An intent counts for what was created after it: the run that created it was killed before it could complete the
  // mark.
  const intended = mark !== undefined && mark.id === INTENT && mark.entryId !== '';
  return ownershipOf(intended ? { ...mark, id } : mark, spec, entryId, id);
}

/** Of an entry that is removed: the mark says that the pool, or its name, belongs to this entry. */
export function isOurs(world: PoolWorld, removal: CephPoolRemoval): boolean {
  return ownershipIn(world, removal, removal.entryId) === 'ours';
}
