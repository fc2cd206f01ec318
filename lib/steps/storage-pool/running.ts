import type { StoragePoolSpec } from '../../model';
import { storagePoolDifferences } from '../../render/storage-pool';
import { typed, virsh } from '../commands';
import { storagePoolNamed } from '../libvirt';
import { differs, OK, type Step } from '../step';
import { explained } from './faults';
import { findPool } from './found';

/** The pool starts with its host, or does not. The provider, which makes it later, sees to that by itself. */
export const autostart: Step<StoragePoolSpec> = {
  name: 'autostart',
  describe: (spec) => [typed('virsh', 'pool-autostart', spec.name, ...(spec.autostart ? [] : ['--disable']))],

  async observe(spec, tools) {
    const found = await findPool(spec.host, spec.name, tools);
    if (!found && spec.driver === 'provider') return OK;
    if ((found?.autostart ?? false) === spec.autostart) return OK;
    return differs(spec.autostart ? 'it does not start with its host' : 'it starts with its host');
  },

  async act({ host, name, autostart: wanted }, tools) {
    await tools.run(virsh(host, 'pool-autostart', ...(wanted ? [] : ['--disable']), '--', name));
  },
};

/** The pool runs by its present definition: after a change, and after a restart of libvirt, it does not. */
export const running: Step<StoragePoolSpec> = {
  name: 'start',
  describe: (spec) => [typed('virsh', 'pool-start', spec.name)],

  async observe(spec, tools) {
    const found = await findPool(spec.host, spec.name, tools);
    if (!found && spec.driver === 'provider') return OK;
    if (!found?.active) return differs('it does not run');
    const live = await storagePoolNamed(spec.host, spec.name, tools);
    const differences = live ? storagePoolDifferences(live, spec) : [];
    return differences.length === 0 ? OK : differs(`it runs by an earlier definition: ${differences.join(', ')}`);
  },

  async act(spec, tools) {
    const found = await findPool(spec.host, spec.name, tools);
    if (found?.active) await tools.run(virsh(spec.host, 'pool-destroy', '--', spec.name));
    await explained(spec, tools.run(virsh(spec.host, 'pool-start', '--', spec.name)));
  },
};
