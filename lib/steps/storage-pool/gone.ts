import type { StoragePoolRemoval } from '../../model';
import { textAt } from '../../render/xml';
import { typed } from '../commands';
import { differs, OK, type Step } from '../step';
import type { Tools } from '../tools';
import { bringDown, findPool, type FoundPool, isOurs } from './found';

/** libvirt's view is gone, unless it is not, or no longer, what the entry made. No image is touched. */
export const gone: Step<StoragePoolRemoval> = {
  name: 'undefine',
  describe: ({ name }) => [typed('virsh', 'pool-destroy', name), typed('virsh', 'pool-undefine', name)],

  async observe(removal, tools) {
    return (await ours(removal, tools)) === undefined ? OK : differs('it is still there');
  },

  async act(removal, tools) {
    const found = await ours(removal, tools);
    if (found) await bringDown(removal.host, removal.name, found, tools);
  },
};

/**
 * The entry follows the code at once and the pool after it, so that an apply that failed in between leaves an earlier
 * definition, of another Ceph pool too: by its uuid it is ours all the same. One that stayed would hold the secret.
 */
async function ours(removal: StoragePoolRemoval, tools: Tools): Promise<FoundPool | undefined> {
  const found = await findPool(removal.host, removal.name, tools);
  if (found === undefined) return undefined;
  if (isOurs(found, removal)) return found;
  const cephPool = textAt(found.definition, 'source/name') ?? '';
  const is = `it shows '${cephPool}' with uuid ${found.uuid}, not '${removal.cephPool}' with ${removal.uuid}`;
  tools.say(`storage pool '${removal.name}' is not, or no longer, what this entry made (${is}): it stays`);
  return undefined;
}
