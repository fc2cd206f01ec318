import type { TerraformStack } from 'cdktf';
import {
  CephRbdStoragePool,
  DiskBus,
  type Duration,
  ImageSource,
  type LibvirtDriver,
  RbdBackedVm,
  RbdImage,
  Size,
  type VmDiskProps,
} from '../../constructs';
import type { LabInfo } from '../../lab/lab';
import { world } from './world';

export const CONSOLE = 'life-vm-console.log';

export interface LifeParts {
  readonly vm?: boolean;
  readonly golden?: boolean;
  readonly dataDisks?: VmDiskProps[];
  readonly shutdownTimeout?: Duration;
}

/** On SCSI, as only a system releases a PCI device. */
export const DATA: VmDiskProps[] = ['sdb', 'sdc'].map((target) => ({
  target,
  bus: DiskBus.SCSI,
  size: Size.mebibytes(16),
  serial: `life-${target}`,
}));

/** A golden image and a VM cloned from it, the short way. */
export function lifeStack(lab: LabInfo, driver: LibvirtDriver, parts: LifeParts): (stack: TerraformStack) => void {
  const { vm = true, golden = true, dataDisks = DATA, shutdownTimeout } = parts;
  return (stack) => {
    const { ceph, host } = world(stack, lab, driver);
    const storage = new CephRbdStoragePool(stack, 'life-storage', {
      host,
      cluster: ceph,
      poolName: 'life-pool',
      clientId: 'life-client',
    });
    if (!golden) return;
    const image = new RbdImage(stack, 'life-golden', {
      pool: storage.pool,
      source: ImageSource.file(lab.bootSectorImage),
    });
    if (!vm) return;
    new RbdBackedVm(stack, 'life-vm', {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(64),
      rootDisk: { source: ImageSource.clone(image) },
      dataDisks,
      shutdownTimeout,
      serialLogFile: `/var/log/libvirt/qemu/${CONSOLE}`,
    });
  };
}

/** What the script makes of it, by the names of the addresses. */
export const OBJECTS = [
  'life-golden',
  'life-storage',
  'life-storage-client',
  'life-storage-pool',
  'life-storage-secret',
  'life-vm',
  'life-vm-root',
  'life-vm-sdb',
  'life-vm-sdc',
];

/** The provider's resource of an object, which is replaced with it. */
export const PROVIDERS: { readonly [name: string]: string[] } = {
  'life-storage': ['libvirt_pool.kvm1-life-storage'],
  'life-vm': [
    'libvirt_domain.kvm1-life-vm',
    'terraform_data.kvm1_domain_stops["life-vm"]',
    'terraform_data.life-vm_started',
  ],
};
