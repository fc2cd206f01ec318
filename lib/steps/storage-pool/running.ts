import type { StoragePoolSpec } from '../../model';
import { storagePoolDifferences } from '../../render/storage-pool';
import { virshLine } from '../runbook-lines';
import { virsh } from '../commands';
import { differs, OK, type Step } from '../step';
import { explained } from './explain-libvirt-errors';
import type { FoundPool, PoolWorld } from './lookup';

/** VIRSH: sets whether the pool starts with its host. */
export const autostart: Step<StoragePoolSpec, PoolWorld> = {
  name: 'set its autostart',
  describe: ({ host, name, autostart: wanted }) => (wanted ? [virshLine(host, 'pool-autostart', name)] : []),
  judge(spec, { found }) {
    const text = autostartDiffers(spec, found);
    return text === undefined ? OK : differs(text);
  },
  async act({ host, name, autostart: wanted }, _, tools) {
    await tools.run(virsh(host, 'pool-autostart', name, ...(wanted ? [] : ['--disable'])));
  },
};

/**
 * VIRSH: the pool is active with its current definition, which it is not after a change or after a restart of libvirt.
 */
export const running: Step<StoragePoolSpec, PoolWorld> = {
  name: 'start it',
  describe: ({ host, name }) => [virshLine(host, 'pool-start', name)],
  judge(spec, { found }) {
    const text = runningDiffers(spec, found);
    return text === undefined ? OK : differs(text);
  },
  async act(spec, { found }, tools) {
    if (found?.live) await tools.run(virsh(spec.host, 'pool-destroy', spec.name));
    await explained(spec, tools.run(virsh(spec.host, 'pool-start', spec.name)));
  },
};

export function autostartDiffers(spec: StoragePoolSpec, found: FoundPool | undefined): string | undefined {
  if ((found?.autostart ?? false) === spec.autostart) return undefined;
  return spec.autostart ? 'it does not start with its host' : 'it starts with its host';
}

export function runningDiffers(spec: StoragePoolSpec, found: FoundPool | undefined): string | undefined {
  if (found?.live === undefined) return 'it is not running';
  const differences = storagePoolDifferences(found.live, spec);
  return differences.length === 0 ? undefined : `it runs with an earlier definition: ${differences.join(', ')}`;
}
