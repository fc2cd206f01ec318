import type { CephPoolSpec } from '../../model';
import { clearsMark, INTENT, WHY_MARKED, writeMark } from '../ownership/config-key';
import { markFor, type Ownership } from '../ownership/mark';
import { refuseOthers, takenBack } from '../ownership/refusal';
import { differs, OK, type Step } from '../step';
import { Refusal } from '../tools';
import { guardByHand, markByHand } from './runbook-lines';
import { crushRuleOf } from './settings';
import { markName, type PoolWorld, ownershipIn, titleOf, type WantedPoolWorld } from './lookup';

/** Writes the mark before the pool is created, so that a kill in between leaves no pool without an owner. */
export const ownership: Step<CephPoolSpec, WantedPoolWorld> = {
  name: 'mark it as ours',
  describe: guardByHand,

  judge(spec, world) {
    const { pool, mark, crushRule } = world;
    const ownership = ownershipIn(world, spec, spec.entryId);
    refuse(spec, world, ownership);
    // A pool that cannot get the wanted settings is not adopted.
    if (ownership !== 'ours' && pool !== undefined && spec.crushRule !== undefined)
      crushRuleOf(spec, spec.crushRule, pool, crushRule);
    if (ownership !== 'ours') return differs(WHY_MARKED[ownership], ...takenBack(titleOf(spec), { mark, ownership }));
    const gone = pool === undefined && mark !== undefined && mark.id !== INTENT;
    return gone ? differs(`the pool that was marked, number ${mark.id}, no longer exists`) : OK;
  },

  async act(spec, { pool }, tools) {
    const mark = markFor(spec, pool === undefined ? INTENT : String(pool.id));
    await writeMark(spec.cluster, markName(spec), mark, tools);
  },
};

/** Once the pool exists, its mark names its number: a pool created under that name later is another one. */
export const completion: Step<CephPoolSpec, WantedPoolWorld> = {
  name: 'complete its mark',
  describe: markByHand,
  judge(_, { mark, pool }) {
    const complete = pool === undefined || mark?.id === String(pool.id);
    return complete ? OK : differs('the mark does not name the pool yet');
  },
  async act(spec, { pool }, tools) {
    if (pool === undefined)
      throw new Refusal(`${titleOf(spec)} has disappeared in the meantime`, 'apply again', 'vanished');
    await writeMark(spec.cluster, markName(spec), markFor(spec, String(pool.id)), tools);
  },
};

/** Throws if the pool, or its name, belongs to another owner. */
function refuse(spec: CephPoolSpec, { mark, pool }: PoolWorld, ownership: Ownership): void {
  const title = titleOf(spec);
  const isFree = pool === undefined && ownership !== 'foreign';
  if (isFree) return;
  refuseOthers({
    ...{ title, mark, ownership },
    adoption: { adopt: spec.adopt, keeps: ' with its data' },
    whereHeld: `use another name, or remove it from the code there, which releases it; ${clearsMark(markName(spec))}`,
    whereUnheld: 'use another name',
  });
  if (ownership !== 'unmarked' && ownership !== 'released') return;
  const others = pool?.applications.filter((application) => application !== 'rbd') ?? [];
  if (others.length > 0) {
    throw new Refusal(
      `${title} is used by '${others.join("', '")}', not by rbd`,
      'use another name',
      'pool-application',
    );
  }
}
