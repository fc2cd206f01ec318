import type { CephPoolSpec } from '../../model';
import { INTENT, refuseForeign, typedMark, warnTakenBack, WHY_MARKED, writeMark } from '../ceph-mark';
import { markFor, type Standing } from '../mark';
import { differs, OK, type Step } from '../step';
import { Refusal } from '../tools';
import { crushRuleOf } from './settings';
import { markName, type PoolState, seen, standingOf, titleOf } from './state';

/** The mark comes before the pool, so that a kill in between leaves nothing that nobody owns. */
export const ownership: Step<CephPoolSpec> = {
  name: 'mark that it is ours',
  describe: (spec) => [typedMark(markName(spec), markFor(spec, INTENT))],

  async observe(spec, tools) {
    const state = await seen.get(spec, tools);
    const stands = standingOf(state, spec, spec.registry);
    refuse(spec, state, stands);
    // What cannot become as it is wanted is not adopted.
    if (stands !== 'ours' && state.pool !== undefined && spec.crushRule !== undefined)
      await crushRuleOf(spec, spec.crushRule, state.pool, tools);
    const gone = state.pool === undefined && state.mark !== undefined && state.mark.id !== INTENT;
    if (stands !== 'ours') return differs(WHY_MARKED[stands]);
    return gone ? differs(`the pool that was marked, number ${state.mark?.id}, is gone`) : OK;
  },

  async act(spec, tools) {
    const state = await seen.get(spec, tools);
    if (standingOf(state, spec, spec.registry) === 'ours-other-token') warnTakenBack(titleOf(spec), state.mark, tools);
    const mark = markFor(spec, state.pool === undefined ? INTENT : String(state.pool.pool_id));
    await writeMark(spec.cluster, markName(spec), mark, tools);
    state.mark = mark;
  },
};

/** Once the pool is there, its mark names it: a pool that is made by that name later is another one. */
export const completion: Step<CephPoolSpec> = {
  name: 'complete its mark',
  describe: (spec) => [typedMark(markName(spec), markFor(spec, 'NUMBER-OF-THE-POOL'))],
  async observe(spec, tools) {
    const { mark, pool } = await seen.get(spec, tools);
    const complete = pool === undefined || mark?.id === String(pool.pool_id);
    return complete ? OK : differs('the mark does not name the pool yet');
  },
  async act(spec, tools) {
    const state = await seen.get(spec, tools);
    const mark = markFor(spec, String(state.pool?.pool_id));
    await writeMark(spec.cluster, markName(spec), mark, tools);
    state.mark = mark;
  },
};

/** Throws where the pool, or its name, is not ours to take. */
function refuse(spec: CephPoolSpec, { mark, pool }: PoolState, stands: Standing): void {
  const title = titleOf(spec);
  if (stands === 'foreign' && mark) {
    const next = 'use another name, or take it out of the code there, which releases it';
    refuseForeign(title, markName(spec), mark, next);
  }
  if (pool === undefined || (stands !== 'unmarked' && stands !== 'released')) return;
  if (!spec.adopt) {
    const whose = stands === 'released' ? 'was released by its owner' : 'is there and is not ours';
    throw new Refusal(`${title} ${whose}`, `set 'adopt: true' to take it over with its data, or use another name`);
  }
  const others = Object.keys(pool.application_metadata).filter((application) => application !== 'rbd');
  if (others.length > 0) {
    throw new Refusal(`${title} is a pool of '${others.join("', '")}', not of rbd`, 'use another name');
  }
}
