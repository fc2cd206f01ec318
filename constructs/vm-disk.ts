import type { Duration } from '../lib/duration';
import type { DiskSpec, QosSpec } from '../lib/model';
import type { Size } from '../lib/size';
import type { ImageSource } from './image-source';
import type { IRbdImage } from './interfaces';

/** A disk of a VM: an existing image, or one that is created with the VM. */
export interface VmDiskProps {
  /**
   * The image. Give this, or `source` and `size`.
   * @default - one is created, named '<vm>-root' or '<vm>-<target>'
   */
  readonly image?: IRbdImage;
  /**
   * What the image is created from; read once.
   * @default - ImageSource.blank() if a size is given
   */
  readonly source?: ImageSource;
  /**
   * Size of the created image. It grows under the running VM, and is never shrunk.
   * @default - the source's
   */
  readonly size?: Size;
  /**
   * How the guest sees the disk. IDE needs `machineType: 'pc'`. A change takes effect at the next boot.
   * @default - DiskBus.VIRTIO; SATA for a cdrom
   */
  readonly bus?: DiskBus;
  /**
   * Identifies the disk in the VM, such as 'vdb'; it stays when the bus changes. The guest may use another device name.
   * @default - 'vda' for the root disk; the next free target for a data disk with an `image`
   */
  readonly target?: string;
  /**
   * A CD drive: read-only, and the guest can eject it. Another `image` is inserted while the VM runs (VIRSH); a guest
   * that has locked the tray gets it at its next boot. A change from or to a disk takes effect at the next boot.
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
   * World wide name that the guest sees: 16 hexadecimal digits; SCSI and IDE only. A change waits for the next boot.
   * @default - none
   */
  readonly wwn?: string;
  /**
   * Boot order, 1 to 10000; 1 boots first. A change takes effect at the next boot.
   * @default - 1 for the root disk if no device has one, otherwise none
   */
  readonly bootIndex?: number;
  /**
   * QEMU's cache mode, which overrides Ceph's. WRITEBACK is what Ceph's page on OpenStack sets for Nova: writes are
   * cached until the guest flushes, so a guest that flushes loses nothing. NONE is Proxmox's default. Both allow live
   * migration. A change takes effect at the next boot.
   * @default DiskCache.WRITEBACK
   * @see https://docs.ceph.com/en/latest/rbd/rbd-openstack/
   * @see https://docs.ceph.com/en/latest/rbd/qemu-rbd/#qemu-cache-options
   */
  readonly cache?: DiskCache;
  /**
   * Whether the guest's discard (trim) returns space to Ceph, as Ceph's page on OpenStack recommends
   * (`hw_disk_discard = unmap`). A change takes effect at the next boot.
   * @default - true, but false for a read-only disk
   * @see https://docs.ceph.com/en/latest/rbd/qemu-rbd/#enabling-discard-trim
   */
  readonly discard?: boolean;
  /**
   * Whether zeroes that the guest writes become holes (with `discard`; otherwise they are written as a range of
   * zeroes), as in Proxmox. Costs host CPU to check the written data. A change takes effect at the next boot.
   * @default - true, but false for a read-only disk
   * @see https://pve.proxmox.com/pve-docs/qm.1.html
   */
  readonly detectZeroes?: boolean;
  /**
   * A separate thread for the disk's I/O; VIRTIO and SCSI only. On SCSI the thread belongs to the controller, so the
   * disk must be alone on it: libvirt puts sda to sdg on one controller, sdh to sdn on the next, sdo to sdu on a third.
   * A change takes effect at the next boot; a disk that is attached live brings its thread.
   * @default false
   * @see https://libvirt.org/formatdomain.html#iothreads-allocation
   */
  readonly ioThread?: boolean;
  /**
   * Queues between guest and host, 1 to 256; VIRTIO, and SCSI with `ioThread`. A change takes effect at the next boot.
   * @default - QEMU's: one per virtual CPU
   */
  readonly queues?: number;
  /**
   * Throughput limits of the disk. A change is live (VIRSH).
   * @default - none
   */
  readonly qos?: VmDiskQos;
}

/**
 * Throughput limits of a disk, enforced by QEMU on the host. A limit for reads and writes together excludes separate
 * ones.
 *
 * @see https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
 */
export interface VmDiskQos {
  /**
   * Bytes read and written per second.
   * @default - no limit
   */
  readonly totalBytesPerSecond?: Size;
  /**
   * Bytes read per second.
   * @default - no limit
   */
  readonly readBytesPerSecond?: Size;
  /**
   * Bytes written per second.
   * @default - no limit
   */
  readonly writeBytesPerSecond?: Size;
  /**
   * Read and write operations per second.
   * @default - no limit
   */
  readonly totalIops?: number;
  /**
   * Read operations per second.
   * @default - no limit
   */
  readonly readIops?: number;
  /**
   * Write operations per second.
   * @default - no limit
   */
  readonly writeIops?: number;
  /**
   * Limit during a burst of `burstDuration`; at least `totalBytesPerSecond`.
   * @default - no burst
   */
  readonly burstBytesPerSecond?: Size;
  /**
   * Limit during a burst of `burstDuration`; at least `totalIops`.
   * @default - no burst
   */
  readonly burstIops?: number;
  /**
   * Maximum length of a burst, in whole seconds.
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

/** Whether it is read-only for the guest. */
export function isReadOnly({ readOnly, cdrom }: VmDiskProps): boolean {
  return readOnly ?? cdrom ?? false;
}

/** The bus of a disk, or its default. */
export function busOf({ bus, cdrom }: VmDiskProps): DiskBus {
  return bus ?? (cdrom === true ? DiskBus.SATA : DiskBus.VIRTIO);
}

/** The disk as the scripts get it. */
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
  /** Only for Xen hosts: refused with QEMU and KVM. */
  XEN = 'xen',
}

/** QEMU's cache modes. */
export enum DiskCache {
  NONE = 'none',
  WRITEBACK = 'writeback',
  WRITETHROUGH = 'writethrough',
  DIRECTSYNC = 'directsync',
  /** Loses data when the host fails. */
  UNSAFE = 'unsafe',
}
