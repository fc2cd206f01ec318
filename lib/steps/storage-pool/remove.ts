import type { HostSpec, StoragePoolRemoval } from '../../model';
import { textAt } from '../../render/xml';
import { virsh } from '../commands';
import { leftAlone } from '../ownership/refusal';
import { differs, fine, OK, type Step } from '../step';
import type { Tools } from '../tools';
import { removalByHand } from './runbook-lines';
import type { FoundPool, PoolWorld } from './lookup';
import { isOurs } from './ownership';

/**
 * Removes libvirt's view, unless it is not, or no longer, what the entry made. No image is touched. The entry follows
 * the code at once and the pool only after it, so an apply that failed in between leaves an earlier definition,
 * possibly of another Ceph pool: by its UUID it is still ours. If it stayed, it would keep the secret in use.
 */
export const remove: Step<StoragePoolRemoval, PoolWorld> = {
  name: 'undefine it',
  describe: removalByHand,

  judge(spec, { found }) {
    if (found === undefined) return OK;
    if (isOurs(found, spec)) return differs('it still exists');
    const cephPool = textAt(found.definition, 'source/name') ?? '';
    const is = `it shows '${cephPool}' with uuid ${found.uuid}, not '${spec.cephPool}' with ${spec.uuid}`;
    return fine(leftAlone(`storage pool '${spec.name}' (${is})`));
  },

  async act(spec, { found }, tools) {
    if (found) await bringDown(spec, found, tools);
  },
};

/** Removes the view: `pool-delete` would empty the Ceph pool and is never used. */
export async function bringDown(
  { host, name }: { readonly host: HostSpec; readonly name: string },
  { live, persistent }: FoundPool,
  tools: Tools,
): Promise<void> {
  if (live) await tools.run(virsh(host, 'pool-destroy', name));
  if (persistent) await tools.run(virsh(host, 'pool-undefine', name));
}
