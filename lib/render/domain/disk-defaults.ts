import type { DiskSpec, DomainDefinition, QosSpec } from '../../model';

/** By target, in the order in which the guest's firmware and a reader of the XML see them: vda, vdb, ..., vdaa. */
export function disksInOrder(spec: DomainDefinition): [target: string, disk: DiskSpec][] {
  return Object.entries(spec.disks).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
}

/** Without any boot index, the first virtio disk boots, or the first disk that is not a cdrom. */
export function bootOrder(spec: DomainDefinition, target: string): number | undefined {
  const all = [...Object.values(spec.disks), ...(spec.networkInterfaces ?? [])];
  if (all.some(({ bootIndex }) => bootIndex !== undefined)) return spec.disks[target]?.bootIndex;
  const disks = disksInOrder(spec);
  const fixed = disks.filter(([, disk]) => !disk.cdrom);
  const root = fixed.find(([, disk]) => disk.bus === 'virtio') ?? fixed[0] ?? disks[0];
  return root?.[0] === target ? 1 : undefined;
}

/** One per disk, derived from the target, so that removing one disk does not change another's: vda 1, vdb 2. */
export function ioThreadOf(target: string, disk: DiskSpec): number | undefined {
  if (disk.ioThread !== true || !['virtio', 'scsi'].includes(disk.bus)) return undefined;
  return lettersOf(target);
}

export function ioThreads(spec: DomainDefinition): number[] {
  return disksInOrder(spec).flatMap(([target, disk]) => ioThreadOf(target, disk) ?? []);
}

/** The letters of a target, counted: vda 1, vdz 26, vdaa 27. */
function lettersOf(target: string): number {
  const letters = Array.from(target.replace(/^(vd|sd|hd|xvd)/, ''));
  return letters.reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 96, 0);
}

/** The controller of SCSI disks: few guests support libvirt's default. */
export const SCSI_MODEL = 'virtio-scsi';

/**
 * libvirt (9.0) puts sda to sdg on the first controller, sdh to sdn on the next; the provider (0.9.7) has no other way.
 */
const TARGETS_PER_CONTROLLER = 7;

/** The number of the SCSI controller that libvirt gives a target. */
export function scsiControllerOf(target: string): number {
  return Math.floor((lettersOf(target) - 1) / TARGETS_PER_CONTROLLER);
}

export interface ScsiController {
  readonly index: number;
  readonly ioThread?: number;
  readonly queues?: number;
}

/**
 * All up to the last one that is needed: libvirt would add the ones in between itself, with a model that few guests
 * support.
 */
export function scsiControllers(spec: DomainDefinition): ScsiController[] {
  const disks = Object.entries(spec.disks).filter(([, { bus }]) => bus === 'scsi');
  const count = Math.max(0, ...disks.map(([target]) => scsiControllerOf(target) + 1));
  return Array.from({ length: count }, (_, index) => {
    const of = disks.filter(([target]) => scsiControllerOf(target) === index);
    const [target, disk] = of.find(([, { ioThread, queues }]) => ioThread === true || queues !== undefined) ?? [];
    const ioThread = target && disk ? ioThreadOf(target, disk) : undefined;
    return { index, ioThread, queues: disk?.queues };
  });
}

/** A disk's driver element, by either driver. */
export interface DiskDriver {
  readonly name: string;
  readonly type: string;
  readonly cache: string;
  readonly discard?: string;
  readonly detectZeroes?: string;
  readonly ioThread?: number;
  readonly queues?: number;
}

/**
 * The cache is what Ceph's page on OpenStack sets for Nova and QEMU's default for RBD, made explicit. Zeroes are
 * detected as in Proxmox; they become holes if discard is on, which 'unmap' requires. SCSI disks have thread and queues
 * on their controller.
 */
export function diskDriver(target: string, disk: DiskSpec): DiskDriver {
  const { cache = 'writeback', discard, bus, cdrom, readOnly } = disk;
  const detects = disk.detectZeroes ?? (cdrom || readOnly ? undefined : true);
  const detect = discard === false ? 'on' : 'unmap';
  return {
    name: 'qemu',
    type: 'raw',
    cache,
    discard: discard === undefined ? undefined : discard ? 'unmap' : 'ignore',
    detectZeroes: detects === undefined ? undefined : detects ? detect : 'off',
    ioThread: bus === 'virtio' ? ioThreadOf(target, disk) : undefined,
    queues: bus === 'virtio' ? disk.queues : undefined,
  };
}

/** Converts an amount to a number: from text, or from what only Terraform knows. */
export interface Amounts {
  readonly bytes: (size: string) => number;
  readonly seconds: (duration: string) => number;
}

/** With libvirt's names, in the order in which it prints them. */
export function ioLimits(qos: QosSpec, { bytes, seconds }: Amounts): { readonly [limit: string]: number | undefined } {
  const rate = (size: string | undefined) => (size === undefined ? undefined : bytes(size));
  const length = qos.burstDuration === undefined ? undefined : seconds(qos.burstDuration);
  return {
    total_bytes_sec: rate(qos.totalBytesPerSecond),
    read_bytes_sec: rate(qos.readBytesPerSecond),
    write_bytes_sec: rate(qos.writeBytesPerSecond),
    total_iops_sec: qos.totalIops,
    read_iops_sec: qos.readIops,
    write_iops_sec: qos.writeIops,
    total_bytes_sec_max: rate(qos.burstBytesPerSecond),
    total_iops_sec_max: qos.burstIops,
    total_bytes_sec_max_length: qos.burstBytesPerSecond === undefined ? undefined : length,
    total_iops_sec_max_length: qos.burstIops === undefined ? undefined : length,
  };
}
