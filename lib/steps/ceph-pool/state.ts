import type { CephPoolRemoval, CephPoolSpec, OwnerSpec } from '../../model';
import { INTENT, readMark } from '../ceph-mark';
import { type MonitorAddresses, monitorAddresses } from '../ceph-monitors';
import { ceph } from '../commands';
import { type Mark, type Standing, standing } from '../mark';
import { Seen } from '../seen';
import type { Tools } from '../tools';

/** What we read of `ceph osd pool ls detail`. */
export interface PoolDetail {
  readonly pool_id: number;
  readonly pool_name: string;
  readonly size: number;
  readonly min_size: number;
  readonly crush_rule: number;
  readonly flags_names: string;
  readonly pg_autoscale_mode: string;
  /** What `pg_num` is on its way to. */
  readonly pg_num_target: number;
  readonly application_metadata: { readonly [application: string]: unknown };
}

export interface PoolState {
  mark: Mark | undefined;
  /** Undefined: there is no such pool. */
  pool: PoolDetail | undefined;
  readonly monitors: MonitorAddresses;
}

type Named = Pick<CephPoolSpec | CephPoolRemoval, 'cluster' | 'name'>;

export const seen = new Seen(async (spec: Named, tools: Tools): Promise<PoolState> => {
  const [monitors, mark, pool] = await Promise.all([
    monitorAddresses(spec.cluster, tools),
    readMark(spec.cluster, markName(spec), tools),
    readPool(spec, tools),
  ]);
  return { mark, pool, monitors };
});

export async function readPool({ cluster, name }: Named, tools: Tools): Promise<PoolDetail | undefined> {
  const text = await tools.run(ceph(cluster, 'osd', 'pool', 'ls', 'detail', '--format', 'json'));
  return (JSON.parse(text) as PoolDetail[]).find((pool) => pool.pool_name === name);
}

/** Under which its mark is kept. */
export function markName({ name }: Pick<Named, 'name'>): string {
  return `pool/${name}`;
}

export function titleOf({ name }: Pick<Named, 'name'>): string {
  return `pool '${name}'`;
}

/** How the pool that is there, or the name where there is none, stands to an owner and a token. */
export function standingOf({ mark, pool }: PoolState, spec: { readonly owner: OwnerSpec }, token: string): Standing {
  const id = pool === undefined ? (mark?.id ?? INTENT) : String(pool.pool_id);
  // An intent that was not given up counts for what was made since: the run that made it was killed before it said so.
  const intended = mark !== undefined && mark.id === INTENT && mark.token !== '';
  return standing(intended ? { ...mark, id } : mark, spec, token, id);
}
