import type { StoragePoolSpec } from '../../model';
import { renderStoragePool } from '../../render/storage-pool';
import { virsh } from '../commands';
import { alwaysAct, differs, type Step } from '../step';
import { definitionDiffers } from './definition';
import { explained } from './explain-libvirt-errors';
import type { PoolWorld } from './lookup';
import { refuseForeign } from './ownership';
import { bringDown } from './remove';
import { autostartDiffers, runningDiffers } from './running';

/** PROVIDER: an existing pool is undefined so that the provider can create it; `verify` compares it as usual. */
export const clearForProvider: Step<StoragePoolSpec, PoolWorld> = {
  name: 'make way for the provider',
  // By hand no provider follows.
  describe: () => [],

  judge(spec, { found }) {
    if (found === undefined) return differs('it is missing');
    refuseForeign(spec, found);
    const all = [...definitionDiffers(spec, found), autostartDiffers(spec, found), runningDiffers(spec, found)];
    const text = all.filter((one) => one !== undefined).join(', ');
    return text === '' ? alwaysAct('the existing pool is undefined so that the provider can create it') : differs(text);
  },

  /**
   * We report what keeps libvirt from making the pool, with what to do: the provider has only libvirt's own message.
   */
  async act(spec, { found }, tools) {
    if (found) await bringDown(spec, found, tools);
    await explained(spec, tools.run(virsh(spec.host, 'pool-create', '/dev/stdin'), { input: renderStoragePool(spec) }));
    await tools.run(virsh(spec.host, 'pool-destroy', spec.name));
  },
};
