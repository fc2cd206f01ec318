import type { Construct } from 'constructs';
import { cloudInitContent } from './cloud-init';
import { ignitionContent } from './ignition';
import { ImageSource } from './image-source';
import type { RbdBackedVmProps } from './rbd-backed-vm-props';
import { RbdImage } from './rbd-image';
import { RemovalPolicy } from './removal-policy';
import { Seed } from './seed';
import { sharesController } from './vm-disk-rules';
import { DiskBus, type AttachedDisk, type VmDiskProps } from './vm-disk';

/**
 * The last targets on each of the first SCSI controllers, which nothing else uses; the guest names a CD differently
 * anyway. Not SATA: the kernel of Debian's cloud images (6.1) has no AHCI, and that of every cloud image has
 * virtio-scsi.
 */
const TARGETS = ['sdg', 'sdn', 'sdu'];

/**
 * The image with what the guest reads at boot, in the pool of its disks. It can be recreated from the code, so it is
 * deleted with the VM instead of going to the trash.
 */
export function seedImage(
  vm: Construct,
  vmName: string,
  { cloudInit, ignition, storage }: RbdBackedVmProps,
  [root]: readonly AttachedDisk[],
): RbdImage | undefined {
  const content =
    cloudInit !== undefined
      ? cloudInitContent(vmName, cloudInit)
      : ignition !== undefined
        ? ignitionContent(vmName, ignition)
        : undefined;
  const pool = storage?.pool ?? root?.image.pool;
  if (content === undefined || pool === undefined) return undefined;
  return new RbdImage(vm, 'seed', {
    pool,
    imageName: `${vmName}-seed`,
    source: ImageSource._ofSeed(new Seed(vm, content)),
    removalPolicy: RemovalPolicy.DELETE,
  });
}

/** The CD for it; a disk with its own thread stays alone on its controller. */
export function seedDisk(image: RbdImage, others: readonly AttachedDisk[]): VmDiskProps {
  const cd = { image, cdrom: true, bus: DiskBus.SCSI };
  const isFree = (target: string): boolean =>
    !others.some((one) => one.target === target || sharesController(one, { target, props: cd }));
  return { ...cd, target: TARGETS.find(isFree) ?? TARGETS[0] };
}
