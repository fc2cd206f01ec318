import type { CephPoolSpec } from '../../model';
import { cephLine, rbdLine } from '../runbook-lines';
import { differs, OK, type Step } from '../step';
import { autoscaleMode } from './settings';
import type { WantedPoolWorld } from './lookup';

/** Creates the pool, with every setting that can be given at creation, so that no data has to move later. */
export const create: Step<CephPoolSpec, WantedPoolWorld> = {
  name: 'create it',
  describe: (spec) => [cephLine(spec.cluster, ...creationArguments(spec))],
  judge: (_, { pool }) => (pool === undefined ? differs('it is missing') : OK),
  async act(spec, _, tools) {
    const { cluster, name, pgNum, size, crushRule } = spec;
    await tools.ceph(cluster).createPool({ name, pgNum, autoscaleMode: autoscaleMode(spec), size, crushRule });
  },
};

/** Initialises it for RBD. */
export const application: Step<CephPoolSpec, WantedPoolWorld> = {
  name: 'initialize it for rbd',
  describe: ({ cluster, name }) => [rbdLine(cluster, 'pool', 'init', name)],
  judge(_, { pool }) {
    const initialised = pool === undefined || pool.applications.includes('rbd');
    return initialised ? OK : differs(`the application 'rbd' is not enabled`);
  },
  act: ({ cluster, name }, _, tools) => tools.ceph(cluster).initPool({ name }),
};

function creationArguments(spec: CephPoolSpec): string[] {
  const mode = autoscaleMode(spec);
  return [
    ...['osd', 'pool', 'create', spec.name],
    ...(spec.pgNum === undefined ? [] : [`--pg_num=${spec.pgNum}`]),
    ...(mode === undefined ? [] : [`--autoscale_mode=${mode}`]),
    ...(spec.size === undefined ? [] : [`--size=${spec.size}`]),
    ...(spec.crushRule === undefined ? [] : [`--rule=${spec.crushRule}`]),
  ];
}
