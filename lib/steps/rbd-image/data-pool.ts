import { CephError } from '../../ceph';
import type { RbdImageSpec } from '../../model';
import { commandText } from '../commands';
import { Refusal, ToolError, type Tools } from '../tools';
import { imageSpecOf } from './rbd-command';

/** What is wrong with the data pool, if an image could not be created because of it: a matter for an administrator. */
export async function dataPoolFault(spec: RbdImageSpec, error: unknown, tools: Tools): Promise<unknown> {
  const { dataPool, cluster } = spec;
  if (dataPool === undefined || !(error instanceof CephError || error instanceof ToolError)) return error;
  const pool = await tools.ceph(cluster).pool({ name: dataPool });
  if (pool === undefined) {
    return new Refusal(
      `image '${imageSpecOf(spec)}' was not created: its data pool '${dataPool}' does not exist in the cluster`,
      "correct its name ('ceph osd lspools' lists them), or create it, then apply again",
      'pool-missing',
    );
  }
  if (pool.erasureCoded && !pool.flags.includes('ec_overwrites')) {
    return new Refusal(
      `image '${imageSpecOf(spec)}' was not created: its data pool '${dataPool}' is erasure-coded and does not allow overwrites`,
      `allow them with '${commandText('ceph', 'osd', 'pool', 'set', dataPool, 'allow_ec_overwrites', 'true')}', which needs BlueStore, then apply again`,
      'data-pool-overwrites',
    );
  }
  return error;
}
