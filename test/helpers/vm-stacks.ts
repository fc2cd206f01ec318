import type { TerraformStack } from 'cdktf';
import type { LibvirtDriver } from '../../constructs';
import { CephRbdStoragePool, RbdBackedVm, type RbdBackedVmProps, Size, type VmDiskProps } from '../../constructs';
import { clusterOf, hostOf, Scene } from './scene';

export const withProps =
  (props: Partial<RbdBackedVmProps>, driver?: LibvirtDriver) =>
  (stack: TerraformStack): RbdBackedVm =>
    new Scene(stack, driver).vm('web1', props);
export const withRoot =
  (disk: Partial<VmDiskProps>, props: Partial<RbdBackedVmProps> = {}) =>
  (stack: TerraformStack) => {
    const scene = new Scene(stack);
    scene.vm('web1', { rootDisk: { image: scene.image('root'), ...disk }, ...props });
  };
export const withDisks =
  (...disks: Partial<VmDiskProps>[]) =>
  (stack: TerraformStack) => {
    const scene = new Scene(stack);
    scene.vm('web1', { dataDisks: disks.map((disk, index) => ({ image: scene.image(`data${index}`), ...disk })) });
  };
/** A VM that creates its images, in the pool of a storage pool. */
export const made =
  (props: Partial<RbdBackedVmProps> = {}, driver?: LibvirtDriver) =>
  (stack: TerraformStack): RbdBackedVm => {
    const storage = new CephRbdStoragePool(stack, 'storage', {
      host: hostOf(stack, driver),
      cluster: clusterOf(stack),
    });
    return new RbdBackedVm(stack, 'web1', {
      storage,
      vcpus: 1,
      memory: Size.gibibytes(1),
      rootDisk: { size: Size.gibibytes(1) },
      ...props,
    });
  };
