import type { CephPoolSpec } from '../../model';
import { optional } from '../ceph-mark';
import { ceph, typed } from '../commands';
import { differs, OK, type Step } from '../step';
import { Refusal, ToolError, type Tools } from '../tools';
import { type PoolDetail, readPool, seen, titleOf } from './state';

interface Setting {
  readonly name: string;
  readonly wanted: string | number;
  readonly actual: string | number;
}

/** Its settings are at least what is wanted. Others may rely on more: what is shared is never lowered. */
export const settings: Step<CephPoolSpec> = {
  name: 'set what it lacks',
  describe: (spec) =>
    wantedOf(spec).map(([name, value]) => typed('ceph', 'osd', 'pool', 'set', spec.name, name, String(value))),

  async observe(spec, tools) {
    const { pool } = await seen.get(spec, tools);
    if (pool === undefined) return OK;
    const found = await compare(spec, pool, tools);
    for (const { name, wanted, actual } of found.filter(isLower)) {
      const command = typed('ceph', 'osd', 'pool', 'set', spec.name, name, String(wanted));
      tools.warn(`${titleOf(spec)}: its ${name} is ${actual} and is not lowered to ${wanted}; by hand: ${command}`);
    }
    const raised = found.filter((setting) => !isLower(setting));
    if (raised.length === 0) return OK;
    return differs(
      raised.map(({ name, wanted, actual }) => `its ${name} is ${actual}, wanted is ${wanted}`).join(', '),
    );
  },

  async act(spec, tools) {
    const state = await seen.get(spec, tools);
    if (state.pool === undefined) return;
    for (const setting of (await compare(spec, state.pool, tools)).filter((one) => !isLower(one))) {
      await set(spec, setting, tools);
    }
    state.pool = await readPool(spec, tools);
  },
};

/** An explicit number of PGs is not the autoscaler's to change, unless that is asked for. */
export function autoscaleMode(spec: CephPoolSpec): string | undefined {
  return spec.autoscaleMode ?? (spec.pgNum === undefined ? undefined : 'off');
}

/** In the order in which they are set: `min_size` may not be above `size`, PGs are not counted while the autoscaler is on. */
function wantedOf(spec: CephPoolSpec): [name: string, value: string | number][] {
  const mode = autoscaleMode(spec);
  const all: [string, string | number | undefined][] = [
    ['pg_autoscale_mode', mode],
    ['pg_num', mode === 'on' ? undefined : spec.pgNum],
    ['size', spec.size],
    ['min_size', spec.minSize],
    ['crush_rule', spec.crushRule],
    ['bulk', spec.bulk === undefined ? undefined : String(spec.bulk)],
  ];
  return all.filter((one): one is [string, string | number] => one[1] !== undefined);
}

/** Each setting that is not as wanted. */
async function compare(spec: CephPoolSpec, pool: PoolDetail, tools: Tools): Promise<Setting[]> {
  const actual: { readonly [name: string]: string | number } = {
    pg_autoscale_mode: pool.pg_autoscale_mode,
    pg_num: pool.pg_num_target,
    size: pool.size,
    min_size: pool.min_size,
    crush_rule: spec.crushRule === undefined ? '' : await crushRuleOf(spec, spec.crushRule, pool, tools),
    bulk: String(pool.flags_names.split(',').includes('bulk')),
  };
  return wantedOf(spec)
    .map(([name, wanted]) => ({ name, wanted, actual: actual[name] ?? '' }))
    .filter((setting) => setting.wanted !== setting.actual);
}

/** The rule's name when the pool has it, else the number of the one that it has. */
export async function crushRuleOf(spec: CephPoolSpec, name: string, pool: PoolDetail, tools: Tools): Promise<string> {
  const text = await optional(ceph(spec.cluster, 'osd', 'crush', 'rule', 'dump', name, '--format', 'json'), tools);
  if (text === undefined) {
    throw new Refusal(
      `${titleOf(spec)}: there is no CRUSH rule '${name}'`,
      `'ceph osd crush rule ls' lists those there are`,
    );
  }
  const { rule_id: id } = JSON.parse(text) as { rule_id: number };
  return id === pool.crush_rule ? name : `number ${pool.crush_rule}`;
}

function isLower({ wanted, actual }: Setting): boolean {
  return typeof wanted === 'number' && typeof actual === 'number' && wanted < actual;
}

async function set(spec: CephPoolSpec, { name, wanted }: Setting, tools: Tools): Promise<void> {
  try {
    await tools.run(ceph(spec.cluster, 'osd', 'pool', 'set', spec.name, name, String(wanted)));
  } catch (error) {
    // Ceph knows `bulk` from 17.2 and 16.2.8 on.
    if (name !== 'bulk' || !(error instanceof ToolError) || !/invalid command/i.test(error.outcome.stderr)) throw error;
    throw new Refusal(
      `${titleOf(spec)}: this cluster's Ceph does not know 'bulk'`,
      `give 'pgNum' instead, or upgrade Ceph`,
    );
  }
}
