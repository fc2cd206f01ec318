import type { Plan, ResourceChange } from '../../lib/review';
import { type Json, planOf } from './plans';

/** Names to which a copy of the recorded stack adds a number. */
const NAMES = /\b(web1|db1|scratch|kept|binned|debian)\b/g;

/**
 * A plan of at least so many resources, as Terraform writes one: that many copies of the recorded stack, each changed.
 */
export function largePlan(resources: number, recorded = 'virsh-memory'): Plan {
  const one = planOf(recorded);
  const changes = new Map<string, ResourceChange>();
  const blocks = new Map<string, Json>();
  for (let copy = 0; changes.size < resources; copy++) {
    for (const change of numbered(one.resource_changes, copy)) changes.set(change.address, withIds(change, copy));
    for (const block of numbered(one.configuration.root_module.resources, copy)) blocks.set(block.address, block);
  }
  const all = [...changes.values()];
  const plan = {
    ...one,
    planned_values: valuesOf(all, 'after'),
    resource_changes: all,
    prior_state: { format_version: '1.0', values: valuesOf(all, 'before') },
    configuration: { root_module: { resources: [...blocks.values()] } },
  };
  return plan as Plan;
}

function numbered(list: Json[], copy: number): Json[] {
  return JSON.parse(JSON.stringify(list).replace(NAMES, `$1-${copy}`)) as Json[];
}

/** An id belongs to one entry, which its spec names. */
function withIds(change: Json, copy: number): Json {
  for (const side of [change.change.before, change.change.after]) {
    if (side?.id !== undefined) side.id = `${String(side.id)}-${copy}`;
    if (side?.triggers_replace?.entryId !== undefined)
      side.triggers_replace.entryId = `${String(side.triggers_replace.entryId)}-${copy}`;
  }
  return change;
}

/** Terraform also repeats every value outside the changes. */
function valuesOf(changes: readonly ResourceChange[], side: 'before' | 'after'): Json {
  const there = changes.filter(({ change }) => change[side] !== null && change[side] !== undefined);
  const resources = there.map(({ address, type, name, index, change }) => ({
    ...{ address, mode: 'managed', type, name, index, schema_version: 0, sensitive_values: {} },
    ...{ provider_name: 'terraform.io/builtin/terraform', values: change[side] },
  }));
  return { root_module: { resources } };
}
