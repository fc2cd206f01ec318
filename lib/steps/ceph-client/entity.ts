import type { CephClientSpec } from '../../model';
import { ceph, typed } from '../commands';
import { differs, OK, type Step } from '../step';
import { capsArguments } from './caps';
import { changeOf } from './needed';
import { entityOf, seen, setMark } from './state';

/** The entity is there. `auth add` makes a key and, unlike `get-or-create`, does not print it. */
export const entity: Step<CephClientSpec> = {
  name: 'create it',
  describe: (spec) => [typed('ceph', 'auth', 'add', entityOf(spec), ...capsArguments(spec.caps))],
  async observe(spec, tools) {
    return (await seen.get(spec, tools)).caps === undefined ? differs('it is missing') : OK;
  },
  async act(spec, tools) {
    await tools.run(ceph(spec.cluster, 'auth', 'add', entityOf(spec), ...capsArguments(spec.caps)));
    (await seen.get(spec, tools)).caps = spec.caps;
  },
};

/** It has the capabilities that are wanted, and those that others gave it. */
export const capabilities: Step<CephClientSpec> = {
  name: 'set its capabilities',
  describe: (spec) => [typed('ceph', 'auth', 'caps', entityOf(spec), ...capsArguments(spec.caps))],

  async observe(spec, tools) {
    const state = await seen.get(spec, tools);
    if (state.caps === undefined) return OK;
    const { added, removed } = await changeOf(spec, state, tools);
    const found = [
      ...added.map((grant) => `'${grant}' is missing`),
      ...removed.map((grant) => `'${grant}' is no longer wanted`),
    ];
    return found.length === 0 ? OK : differs(found.join(', '));
  },

  async act(spec, tools) {
    const state = await seen.get(spec, tools);
    const { caps, mark } = state;
    if (caps === undefined || mark === undefined) return;
    const { next, added, oursMeanwhile } = await changeOf(spec, state, tools);
    if (added.length > 0) await setMark(spec, state, { ...mark, caps: oursMeanwhile }, tools);
    await tools.run(ceph(spec.cluster, 'auth', 'caps', entityOf(spec), ...capsArguments(next)));
    state.caps = next;
  },
};
