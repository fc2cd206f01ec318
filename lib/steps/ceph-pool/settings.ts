import { EINVAL, isCephError, type Pool } from '../../ceph';
import type { CephPoolSpec } from '../../model';
import { cephLine } from '../runbook-lines';
import { commandText } from '../commands';
import { differs, fine, OK, type Step } from '../step';
import { Refusal, type Tools } from '../tools';
import { titleOf, type WantedPoolWorld } from './lookup';

interface Setting {
  readonly name: string;
  readonly wanted: string | number;
  readonly actual: string | number;
}

/** The settings with which a pool is created. */
const AT_CREATION = ['pg_autoscale_mode', 'pg_num', 'size', 'crush_rule'];

/** Its settings are at least what is wanted. Others may rely on more, so a shared pool's settings are never lowered. */
export const settings: Step<CephPoolSpec, WantedPoolWorld> = {
  name: 'change its settings',
  describe: (spec) =>
    wantedOf(spec)
      .filter(([name]) => !AT_CREATION.includes(name))
      .map(([name, value]) => cephLine(spec.cluster, 'osd', 'pool', 'set', spec.name, name, String(value))),

  judge(spec, { pool, crushRule }) {
    if (pool === undefined) return OK;
    const found = compare(spec, pool, crushRule);
    const notes = found.filter(isLower).map(({ name, wanted, actual }) => {
      const command = commandText('ceph', 'osd', 'pool', 'set', spec.name, name, String(wanted));
      return {
        warn: `${titleOf(spec)}: its ${name} is ${actual} and is not lowered to ${wanted}; to lower it: ${command}`,
      };
    });
    const raised = found.filter((setting) => !isLower(setting));
    if (raised.length === 0) return fine(...notes);
    return differs(
      raised.map(({ name, wanted, actual }) => `its ${name} is ${actual}, not ${wanted}`).join(', '),
      ...notes,
    );
  },

  async act(spec, { pool, crushRule }, tools) {
    if (pool === undefined) return;
    for (const setting of compare(spec, pool, crushRule).filter((one) => !isLower(one))) {
      await set(spec, setting, tools);
    }
  },
};

/** The autoscaler must not change an explicit number of PGs unless the code asks for that. */
export function autoscaleMode(spec: CephPoolSpec): string | undefined {
  return spec.autoscaleMode ?? (spec.pgNum === undefined ? undefined : 'off');
}

/**
 * In the order in which they are set: `min_size` may not be above `size`, and PGs are not counted while the autoscaler
 * is on.
 */
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

/** Each setting that differs from what is wanted. */
function compare(spec: CephPoolSpec, pool: Pool, rule: number | undefined): Setting[] {
  const actual: { readonly [name: string]: string | number } = {
    pg_autoscale_mode: pool.autoscaleMode,
    pg_num: pool.pgNum,
    size: pool.size,
    min_size: pool.minSize,
    crush_rule: spec.crushRule === undefined ? '' : crushRuleOf(spec, spec.crushRule, pool, rule),
    bulk: String(pool.flags.includes('bulk')),
  };
  return wantedOf(spec)
    .map(([name, wanted]) => ({ name, wanted, actual: actual[name] ?? '' }))
    .filter((setting) => setting.wanted !== setting.actual);
}

/** The name of the wanted rule if the pool has it, otherwise the number of the pool's rule. */
export function crushRuleOf(spec: CephPoolSpec, name: string, pool: Pool, rule: number | undefined): string {
  if (rule === undefined) {
    throw new Refusal(
      `${titleOf(spec)}: the CRUSH rule '${name}' does not exist`,
      `'ceph osd crush rule ls' lists the rules`,
      'crush-rule-missing',
    );
  }
  return rule === pool.crushRule ? name : `number ${pool.crushRule}`;
}

function isLower({ wanted, actual }: Setting): boolean {
  return typeof wanted === 'number' && typeof actual === 'number' && wanted < actual;
}

async function set(spec: CephPoolSpec, { name, wanted }: Setting, tools: Tools): Promise<void> {
  try {
    await tools.ceph(spec.cluster).setPool({ name: spec.name, key: name, value: wanted });
  } catch (error) {
    // Ceph knows `bulk` since 17.2 and 16.2.8.
    if (name !== 'bulk' || !isCephError(error, EINVAL)) throw error;
    throw new Refusal(
      `${titleOf(spec)}: this cluster's Ceph does not support 'bulk'`,
      `set 'pgNum' instead, or upgrade Ceph`,
      'ceph-too-old',
    );
  }
}
