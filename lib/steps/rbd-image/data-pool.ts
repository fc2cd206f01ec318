import type { RbdImageSpec } from '../../model';
import { typed } from '../commands';
import { Refusal, ToolError } from '../tools';
import { specOf } from './image';

/** What `rbd` says of a data pool, and what it means: an administrator has to see to it. */
export function dataPoolFault(spec: RbdImageSpec, error: unknown): unknown {
  const { dataPool } = spec;
  if (dataPool === undefined || !(error instanceof ToolError)) return error;
  const said = error.outcome.stderr;
  if (said.includes('missing required overwrite support')) {
    return new Refusal(
      `image '${specOf(spec)}' was not made: its data pool '${dataPool}' is erasure-coded and cannot be overwritten`,
      `allow that with '${typed('ceph', 'osd', 'pool', 'set', dataPool, 'allow_ec_overwrites', 'true')}', which needs BlueStore, then apply again`,
    );
  }
  if (/data pool .* does not exist|error opening data pool/.test(said)) {
    return new Refusal(
      `image '${specOf(spec)}' was not made: its data pool '${dataPool}' does not exist in the cluster`,
      "correct its name ('ceph osd lspools' lists them), or make it, then apply again",
    );
  }
  return error;
}
