import type { StoragePoolRemoval } from '../../model';
import { storagePoolDifferences } from '../../render/storage-pool';
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

async function ours(removal: StoragePoolRemoval, tools: Tools): Promise<FoundPool | undefined> {
  const found = await findPool(removal.host, removal.name, tools);
  if (found === undefined) return undefined;
  const differences = storagePoolDifferences(found.definition, removal);
  if (!isOurs(found, removal)) differences.unshift(`its uuid is '${found.uuid}', not '${removal.uuid}'`);
  if (differences.length === 0) return found;
  tools.say(
    `storage pool '${removal.name}' is not, or no longer, what this entry made (${differences.join(', ')}): it stays`,
  );
  return undefined;
}
