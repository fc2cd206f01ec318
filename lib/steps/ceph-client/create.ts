import type { CephClientSpec } from '../../model';
import { differs, OK, type Step } from '../step';
import { creationByHand } from './runbook-lines';
import { entityOf, type WantedClientWorld } from './lookup';

/** Creates the entity. `auth add` makes a key and, unlike `get-or-create`, does not print it. */
export const create: Step<CephClientSpec, WantedClientWorld> = {
  name: 'create it',
  describe: creationByHand,
  judge: (_, { caps }) => (caps === undefined ? differs('it is missing') : OK),
  act: (spec, _, tools) => tools.ceph(spec.cluster).addClient({ entity: entityOf(spec), caps: { ...spec.caps } }),
};
