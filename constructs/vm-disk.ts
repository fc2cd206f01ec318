import type { Duration } from '../lib/duration';
import type { DiskSpec, QosSpec } from '../lib/model';
import type { Size } from '../lib/size';
import type { ImageSource } from './image-source';
import type { IRbdImage } from './interfaces';

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
   * A CD drive: read-only, and the guest can eject it. Another `image` is put in while the VM runs (VIRSH); a guest that
   * has locked the tray gets it at its next boot. A change from or to a disk takes effect at the next boot.
   * @default false
   */
  readonly cdrom?: boolean;
  /**
   * The guest cannot write; the image may be on several VMs. A change takes effect at the next boot.
   * @default - true for a cdrom
   */
  readonly readOnly?: boolean;
  /**
   * Serial number that the guest sees, 1 to 20 letters, digits, '_' or '-'. A change takes effect at the next boot.
   * @default - none
   */
  readonly serial?: string;
  /**
   * World wide name that the guest sees, 16 hexadecimal digits; SCSI and IDE only. A change takes effect at the next boot.
   * @default - none
   */
  readonly wwn?: string;
  /**
   * 1 boots first, 1 to 10000. A change takes effect at the next boot.
   * @default - 1 for the root disk where no device has one, else none
   */
  readonly bootIndex?: number;
  /**
   * Cache mode of QEMU, which overrides Ceph's own. WRITEBACK is what Ceph's page on OpenStack sets for Nova: writes are
   * gathered until the guest flushes, so a guest that flushes loses nothing. NONE is Proxmox's. Either migrates live. A
   * change takes effect at the next boot.
   * @default DiskCache.WRITEBACK
   * @see https://docs.ceph.com/en/latest/rbd/rbd-openstack/
   * @see https://docs.ceph.com/en/latest/rbd/qemu-rbd/#qemu-cache-options
   */
  readonly cache?: DiskCache;
  /**
   * Whether the guest's discard (trim) gives space back to Ceph, as Ceph's page on OpenStack sets it (`hw_disk_discard =
   * unmap`). A change takes effect at the next boot.
   * @default - true, but false for a disk that is read-only
   * @see https://docs.ceph.com/en/latest/rbd/qemu-rbd/#enabling-discard-trim
   */
  readonly discard?: boolean;
  /**
   * Whether zeroes that the guest writes become holes (with `discard`; else they are written as a range of zeroes), as
   * Proxmox has it. Costs the host's CPU a look at what is written. A change takes effect at the next boot.
   * @default - true, but off for a disk that is read-only
   * @see https://pve.proxmox.com/pve-docs/qm.1.html
   */
  readonly detectZeroes?: boolean;
  /**
   * A thread of its own for the disk's I/O; VIRTIO and SCSI only. On SCSI it is the controller's, which the disk then has
   * for itself: libvirt gives sda to sdg one controller, sdh to sdn the next, sdo to sdu a third. A change takes effect at
   * the next boot; a disk that is plugged in brings its thread along.
   * @default false
   * @see https://libvirt.org/formatdomain.html#iothreads-allocation
   */
  readonly ioThread?: boolean;
  /**
   * Queues between guest and host, 1 to 256; VIRTIO, and SCSI with `ioThread`. A change takes effect at the next boot.
   * @default - QEMU's: one for each virtual CPU
   */
  readonly queues?: number;
  /**
   * Limits of the disk's throughput. A change is live (VIRSH).
   * @default - none
   */
  readonly qos?: VmDiskQos;
}

/**
 * Limits of a disk's throughput, by QEMU on the host. A limit for reads and writes together excludes one for either.
 *
 * @see https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
 */
export interface VmDiskQos {
  /**
   * Reads and writes, a second.
   * @default - no limit
   */
  readonly totalBytesPerSecond?: Size;
  /**
   * Reads, a second.
   * @default - no limit
   */
  readonly readBytesPerSecond?: Size;
  /**
   * Writes, a second.
   * @default - no limit
   */
  readonly writeBytesPerSecond?: Size;
  /**
   * Reads and writes, operations a second.
   * @default - no limit
   */
  readonly totalIops?: number;
  /**
   * Reads, operations a second.
   * @default - no limit
   */
  readonly readIops?: number;
  /**
   * Writes, operations a second.
   * @default - no limit
   */
  readonly writeIops?: number;
  /**
   * What `totalBytesPerSecond` may become for `burstDuration`, at least that.
   * @default - no burst
   */
  readonly burstBytesPerSecond?: Size;
  /**
   * What `totalIops` may become for `burstDuration`, at least that.
   * @default - no burst
   */
  readonly burstIops?: number;
  /**
   * How long a burst may last, in whole seconds.
   * @default - QEMU's: one second
   */
  readonly burstDuration?: Duration;
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
  const { cdrom, serial, wwn, bootIndex, cache, discard, detectZeroes, ioThread, queues, qos } = props;
  const readOnly = isReadOnly(props);
  return {
    image: image.spec,
    bus: busOf(props),
    ...(cdrom === true ? { cdrom } : {}),
    ...(readOnly ? { readOnly } : {}),
    serial,
    wwn,
    bootIndex,
    cache,
    discard: discard ?? !readOnly,
    detectZeroes,
    ioThread,
    queues,
    qos: qos && qosSpec(qos),
  };
}

function qosSpec({ totalIops, readIops, writeIops, burstIops, ...amounts }: VmDiskQos): QosSpec {
  const texts = Object.entries(amounts).map(([limit, amount]: [string, Size | Duration | undefined]) => [
    limit,
    amount?.toString(),
  ]);
  return { totalIops, readIops, writeIops, burstIops, ...(Object.fromEntries(texts) as QosSpec) };
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
