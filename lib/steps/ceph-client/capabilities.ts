import type { CephClientSpec } from '../../model';
import { differs, fine, OK, type Step } from '../step';
import { changeOf, entityOf, setMark, type WantedClientWorld } from './lookup';

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
