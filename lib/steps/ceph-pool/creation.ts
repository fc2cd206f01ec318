import type { CephPoolSpec } from '../../model';
import { ceph, rbd, typed } from '../commands';
import { differs, OK, type Step } from '../step';
import { readPool, seen } from './state';
import { autoscaleMode } from './settings';

/** The pool is there. What can be said when it is made is said then, so that no data has to move later. */
export const creation: Step<CephPoolSpec> = {
  name: 'create it',
  describe: (spec) => [typed('ceph', ...creationArguments(spec))],
  async observe(spec, tools) {
    return (await seen.get(spec, tools)).pool === undefined ? differs('it is missing') : OK;
  },
  async act(spec, tools) {
    await tools.run(ceph(spec.cluster, ...creationArguments(spec)));
    (await seen.get(spec, tools)).pool = await readPool(spec, tools);
  },
};

/** It is initialised for RBD. */
export const application: Step<CephPoolSpec> = {
  name: 'initialise it for rbd',
  describe: (spec) => [typed('rbd', 'pool', 'init', spec.name)],
  async observe(spec, tools) {
    const { pool } = await seen.get(spec, tools);
    return pool === undefined || 'rbd' in pool.application_metadata
      ? OK
      : differs(`the application 'rbd' is not enabled`);
  },
  async act(spec, tools) {
    await tools.run(rbd(spec.cluster, 'pool', 'init', spec.name));
  },
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
