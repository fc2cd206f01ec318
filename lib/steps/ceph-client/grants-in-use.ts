import type { CephClientSpec } from '../../model';
import type { Note } from '../step';
import type { Tools } from '../tools';
import { type CapsChange, grantsOf, poolsOf } from './caps';
import { PoolNeeds } from './pool-needs';

/** Grants that are no longer wanted but that something still needs, and why. */
export interface GrantsInUse {
  readonly grants: readonly string[];
  readonly notes: readonly Note[];
}

export const NONE_IN_USE: GrantsInUse = { grants: [], notes: [] };

/** Those of the grants to be revoked that something needs. */
export async function grantsInUse(
  spec: CephClientSpec,
  { removed, next }: CapsChange,
  tools: Tools,
): Promise<GrantsInUse> {
  const needs = new PoolNeeds(spec, grantsOf(next), tools);
  const [grants, notes]: [string[], Note[]] = [[], []];
  const pools = new Set(removed.flatMap(poolsOf));
  // A grant that stays for one pool lets the client use images there, which may need another pool.
  for (let before = -1; before < grants.length;) {
    before = grants.length;
    for (const pool of pools) {
      const why = await needs.why(pool);
      if (why === undefined) continue;
      const stays = removed.filter((grant) => poolsOf(grant).includes(pool));
      const said = `'${stays.join("' and '")}' is no longer wanted, but is kept because ${why}`;
      notes.push({ say: `client '${spec.id}': ${said}` });
      grants.push(...stays);
      needs.readable.add(pool);
      pools.delete(pool);
    }
  }
  return { grants, notes };
}
