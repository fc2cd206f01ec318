import type { DiskSpec } from '../lib/model';
import type { Size } from '../lib/size';
import type { ImageSource } from './image-source';
import type { IRbdImage } from './rbd-image';

/** A disk of a VM: an image that is there, or one that is made with the VM. */
export interface VmDiskProps {
  /**
   * The image. This, or `source` and `size`.
   * @default - one is made, named '<vm>-root' or '<vm>-<target>'
   */
  readonly image?: IRbdImage;
  /**
   * What the image is made from; read once.
   * @default - ImageSource.blank() where a size is given
   */
  readonly source?: ImageSource;
  /**
   * Size of the image that is made; it grows on a change, under the running VM, and is never made smaller.
   * @default - the source's
   */
  readonly size?: Size;
  /**
   * How the guest sees the disk. IDE needs `machineType: 'pc'`. A change takes effect at the next boot.
   * @default - DiskBus.VIRTIO; SATA for a cdrom
   */
  readonly bus?: DiskBus;
  /**
   * The disk's identity in the VM, 'vdb'; it stays when the bus changes. The guest may name the device otherwise.
   * @default - 'vda' for the root disk; the next free one for a data disk with an `image`
   */
  readonly target?: string;
  /**
   * A CD drive: read-only, and the guest can eject it.
   * @default false
   */
  readonly cdrom?: boolean;
  /**
   * The guest cannot write; the image may be on several VMs.
   * @default - true for a cdrom
   */
  readonly readOnly?: boolean;
  /**
   * Serial number that the guest sees, 1 to 20 letters, digits, '_' or '-'. A change takes effect at the next boot.
   * @default - none
   */
  readonly serial?: string;
  /**
   * 1 boots first.
   * @default - 1 for the root disk where no device has one, else none
   */
  readonly bootIndex?: number;
  /**
   * Cache mode of QEMU.
   * @default - QEMU's, with RBD's own cache: writeback
   */
  readonly cache?: DiskCache;
  /**
   * Whether the guest's discard (trim) gives space back to Ceph.
   * @default true
   */
  readonly discard?: boolean;
  /**
   * Whether zeroes that the guest writes are stored as holes.
   * @default false
   */
  readonly detectZeroes?: boolean;
  /**
   * A thread of its own for the disk's I/O; virtio only.
   * @default false
   */
  readonly ioThread?: boolean;
  /**
   * Limits of the disk's throughput.
   * @default - none
   */
  readonly qos?: VmDiskQos;
}

/** Limits of a disk's throughput, reads and writes together. */
export interface VmDiskQos {
  readonly totalBytesPerSecond?: Size;
  readonly totalIops?: number;
  readonly burstBytesPerSecond?: Size;
  readonly burstIops?: number;
}

/** A disk as the VM holds it. */
export interface AttachedDisk {
  readonly image: IRbdImage;
  readonly target: string;
  readonly props: VmDiskProps;
}

/** Whether the guest cannot write to it. */
export function isReadOnly({ readOnly, cdrom }: VmDiskProps): boolean {
  return readOnly ?? cdrom ?? false;
}

/** The bus of a disk, defaulted. */
export function busOf({ bus, cdrom }: VmDiskProps): DiskBus {
  return bus ?? (cdrom === true ? DiskBus.SATA : DiskBus.VIRTIO);
}

/** The disk as it crosses to the scripts. */
export function diskSpec({ image, props }: AttachedDisk): DiskSpec {
  const { cdrom, serial, bootIndex, cache, discard, detectZeroes, ioThread } = props;
  const readOnly = isReadOnly(props);
  return {
    image: image.spec,
    bus: busOf(props),
    ...(cdrom === true ? { cdrom } : {}),
    ...(readOnly ? { readOnly } : {}),
    serial,
    bootIndex,
    cache,
    discard: discard ?? !readOnly,
    detectZeroes,
    ioThread,
  };
}

/** How the guest sees a disk. */
export enum DiskBus {
  VIRTIO = 'virtio',
  SCSI = 'scsi',
  SATA = 'sata',
  IDE = 'ide',
  USB = 'usb',
  /** For Xen hosts only: refused with QEMU and KVM. */
  XEN = 'xen',
}

/** Cache modes of QEMU. */
export enum DiskCache {
  NONE = 'none',
  WRITEBACK = 'writeback',
  WRITETHROUGH = 'writethrough',
  DIRECTSYNC = 'directsync',
  /** Loses data when the host fails. */
  UNSAFE = 'unsafe',
}
