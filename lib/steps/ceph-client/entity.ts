import type { CephClientSpec } from '../../model';
import { differs, fine, OK, type Step } from '../step';
import { typedCreation } from './runbook-lines';
import { changeOf, entityOf, setMark, type WantedClientWorld } from './lookup';

/** Creates the entity. `auth add` makes a key and, unlike `get-or-create`, does not print it. */
export const entity: Step<CephClientSpec, WantedClientWorld> = {
  name: 'create it',
  describe: typedCreation,
  judge: (_, { caps }) => (caps === undefined ? differs('it is missing') : OK),
  act: (spec, _, tools) => tools.ceph(spec.cluster).addClient({ entity: entityOf(spec), caps: { ...spec.caps } }),
};

/** Gives the entity the wanted capabilities, and keeps those that others gave it. */
export const capabilities: Step<CephClientSpec, WantedClientWorld> = {
  name: 'set its capabilities',
  // It was created with them.
  describe: () => [],

  judge(spec, world) {
    if (world.caps === undefined) return OK;
    const { added, removed } = changeOf(spec, world);
    const found = [
      ...added.map((grant) => `'${grant}' is missing`),
      ...removed.map((grant) => `'${grant}' is no longer wanted`),
    ];
    const { notes } = world.inUse;
    return found.length === 0 ? fine(...notes) : differs(found.join(', '), ...notes);
  },

  async act(spec, world, tools) {
    const { caps, mark } = world;
    if (caps === undefined || mark === undefined) return;
    const { next, added, oursMeanwhile } = changeOf(spec, world);
    if (added.length > 0) await setMark(spec, { ...mark, caps: oursMeanwhile }, tools);
    await tools.ceph(spec.cluster).setClientCaps({ entity: entityOf(spec), caps: next });
  },
};
