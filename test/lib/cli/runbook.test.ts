import type { StoragePoolSpec } from '../../../lib/model';
import { domain } from '../../../lib/steps/domain';
import { storagePool } from '../../../lib/steps/storage-pool';
import { stepsByHand } from '../../../lib/steps/step';
import { DOMAIN } from '../../helpers/domain-spec';

const POOL: StoragePoolSpec = {
  ...DOMAIN,
  name: 'storage',
  cephPool: 'libvirt-pool',
  autostart: true,
};

describe('The runbook of what the provider creates', () => {
  test('has the commands that a person types for a VM', () => {
    const lines = (driver: 'provider' | 'virsh') =>
      stepsByHand(domain.ensure).flatMap((step) => step.describe({ ...DOMAIN, driver }));
    expect(lines('provider').at(-1)).toBe('virsh --connect qemu:///system start web1');
    expect(lines('provider')).toEqual(lines('virsh'));
  });

  test('has the commands that a person types for a storage pool', () => {
    const lines = (driver: 'provider' | 'virsh') =>
      stepsByHand(storagePool.ensure).flatMap((step) => step.describe({ ...POOL, driver }));
    expect(lines('provider').at(-1)).toBe('virsh --connect qemu:///system pool-start storage');
    expect(lines('provider')).toEqual(lines('virsh'));
  });
});
