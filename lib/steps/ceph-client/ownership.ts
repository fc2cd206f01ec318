import { randomUUID } from 'node:crypto';
import type { CephClientSpec } from '../../model';
import { clearsMark, INTENT, WHY_MARKED } from '../ownership/config-key';
import { commandText } from '../commands';
import { markFor, type Ownership } from '../ownership/mark';
import { refuseOthers, takenBack } from '../ownership/refusal';
import { differs, OK, type Step } from '../step';
import { guardByHand, markByHand } from './runbook-lines';
import { sameCaps } from './caps';
import {
  changeOf,
  type ClientMark,
  type ClientWorld,
  entityOf,
  markName,
  setMark,
  ownershipIn,
  titleOf,
  type WantedClientWorld,
} from './lookup';

/** The number of the first key, also of one that existed before us. */
export const FIRST_GENERATION = 1;

/** Writes the mark before the entity is created, so that a kill in between leaves no entity without an owner. */
export const ownership: Step<CephClientSpec, WantedClientWorld> = {
  name: 'mark it as ours',
  describe: guardByHand,

  judge(spec, world) {
    const { mark, caps } = world;
    const ownership = ownershipIn(world, spec, spec.entryId);
    refuse(spec, world, ownership);
    if (ownership !== 'ours') return differs(WHY_MARKED[ownership], ...takenBack(titleOf(spec), { mark, ownership }));
    if (caps !== undefined || mark === undefined) return OK;
    // A new entity has a new key: the old one's id must not stay.
    if (mark.id !== INTENT) return differs('the client that was marked no longer exists');
    // After a run that was killed: what is wanted now would count as set by others.
    return sameCaps(mark.caps, spec.caps) ? OK : differs('it was about to be created with other capabilities');
  },

  async act(spec, world, tools) {
    await setMark(spec, markOf(spec, world, ownershipIn(world, spec, spec.entryId)), tools);
  },
};

/**
 * Once the entity exists with its key and capabilities, writes its name, the id of its key and our grants into the
 * mark.
 */
export const completion: Step<CephClientSpec, WantedClientWorld> = {
  name: 'complete its mark',
  describe: (spec) => markByHand(spec, spec.keyGeneration ?? FIRST_GENERATION),
  judge(spec, world) {
    const { mark, caps } = world;
    if (caps === undefined || mark === undefined) return OK;
    if (mark.id === INTENT || mark.keyId === '') return differs('the mark does not name its key yet');
    const { ours } = changeOf(spec, world);
    return sameCaps(ours, mark.caps) ? OK : differs('the mark names capabilities that are no longer ours');
  },
  async act(spec, world, tools) {
    const { mark, caps } = world;
    if (caps === undefined || mark === undefined) return;
    const { ours } = changeOf(spec, world);
    // A killed rotation may have made its key: a VM that was started before now may hold a void one.
    const rotated = mark.keyId === '' && mark.id !== INTENT ? { since: new Date().toISOString() } : {};
    const keyId = mark.keyId === '' ? randomUUID() : mark.keyId;
    await setMark(spec, { ...mark, id: entityOf(spec), caps: ours, keyId, ...rotated }, tools);
  },
};

/** The mark that is written before anything is done. */
function markOf(spec: CephClientSpec, { mark, caps }: ClientWorld, ownership: Ownership): ClientMark {
  const wanted = spec.keyGeneration ?? FIRST_GENERATION;
  if (caps === undefined) {
    // If there was a key before, whoever received it is left with a void one.
    const before = mark !== undefined && (mark.id !== INTENT || mark.since !== undefined);
    const since = before ? { since: new Date().toISOString() } : {};
    return { ...markFor(spec, INTENT), caps: spec.caps, keyGeneration: wanted, keyId: '', ...since };
  }
  const known =
    mark !== undefined && (ownership === 'ours-other-entry' || ownership === 'released-by-us') ? mark : undefined;
  return {
    ...markFor(spec, known?.id ?? entityOf(spec)),
    caps: known?.caps ?? {},
    keyGeneration: known?.keyGeneration ?? wanted,
    keyId: known?.keyId ?? randomUUID(),
    ...(mark?.since === undefined ? {} : { since: mark.since }),
  };
}

/** Throws if the entity, or its name, belongs to another owner. */
function refuse(spec: CephClientSpec, { mark, caps }: ClientWorld, ownership: Ownership): void {
  if (caps === undefined && ownership !== 'foreign') return;
  const release = 'use another clientId, or release it there (RemovalPolicy.RETAIN, then remove it from the code)';
  refuseOthers({
    ...{ title: titleOf(spec), mark, ownership },
    adoption: { adopt: spec.adopt, keeps: ' with its key and capabilities' },
    whereHeld: `${release}; ${clearsMark(markName(spec))}`,
    whereUnheld: `if nothing uses it, free the name: '${commandText('ceph', 'auth', 'del', entityOf(spec))}'`,
  });
}
