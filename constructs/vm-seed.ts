import type { Construct } from 'constructs';
import type { Rule } from '../lib/validation';
import { cloudInitContent, cloudInitRules } from './cloud-init';
import { ignitionContent, ignitionRules } from './ignition';
import { ImageSource } from './image-source';
import type { RbdBackedVmProps } from './rbd-backed-vm-props';
import { RbdImage } from './rbd-image';
import { RemovalPolicy } from './removal-policy';
import { Seed } from './seed';
import { sharesController } from './vm-disk-rules';
import { DiskBus, type AttachedDisk, type VmDiskProps } from './vm-disk';

/**
 * The last on each of the first SCSI controllers, which are nobody else's: the guest names a CD otherwise anyway. Not SATA:
 * the kernel of Debian's cloud images (6.1) knows no AHCI, and that of every cloud image knows virtio's SCSI.
 */
const TARGETS = ['sdg', 'sdn', 'sdu'];

/** The rules of what the guest is given at its boot. */
export function guestRules({ cloudInit, ignition }: RbdBackedVmProps): Rule[] {
  return [
    {
      code: 'cloud-init-or-ignition',
      broken: cloudInit !== undefined && ignition !== undefined,
      message: "'cloudInit' must not go with 'ignition', as a guest reads one of them; take one out",
    },
    ...(cloudInit === undefined ? [] : cloudInitRules(cloudInit)),
    ...(ignition === undefined ? [] : ignitionRules(ignition)),
  ];
}

/**
 * The image of what the guest is given, in the pool of its disks: made anew from the code, so that it goes with the VM and is
 * kept in no trash.
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

/** The CD that shows it; a disk with a thread of its own keeps its controller for itself. */
export function seedDisk(image: RbdImage, others: readonly AttachedDisk[]): VmDiskProps {
  const cd = { image, cdrom: true, bus: DiskBus.SCSI };
  const isFree = (target: string): boolean =>
    !others.some((one) => one.target === target || sharesController(one, { target, props: cd }));
  return { ...cd, target: TARGETS.find(isFree) ?? TARGETS[0] };
}
