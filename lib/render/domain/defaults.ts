import { parseSize, type DiskSpec, type DomainDefinition } from '../../model';

/**
 * What a definition means where its spec is silent, the same for both drivers. Explicit, so that a newer libvirt or QEMU
 * changes no VM: RHEL 10 and its like no longer have 'pc', so q35.
 */
export const DEFAULT_MACHINE = 'q35';

/** q35 plugs in while running only where a root port is free, and libvirt adds none to spare (9.0). */
const ROOT_PORTS = 16;

/** The namespace of our mark in a domain's metadata. */
export const MARK_NAMESPACE = 'urn:cdktf-libvirt-ceph:mark';

/** The guest agent's name on its virtio channel. */
export const AGENT_CHANNEL = 'org.qemu.guest_agent.0';

/** What every guest can show. */
export const VIDEO = { type: 'vga', vram: 16384, heads: 1, primary: 'yes' } as const;

export function machineOf(spec: DomainDefinition): string {
  return spec.machineType ?? DEFAULT_MACHINE;
}

export function isQ35(machine: string): boolean {
  return machine === 'q35' || machine.startsWith('pc-q35-');
}

export function rootPorts(spec: DomainDefinition): number {
  return isQ35(machineOf(spec)) ? ROOT_PORTS : 0;
}

export interface CpuMode {
  readonly mode: string;
  readonly model?: string;
}

/**
 * 'host-model' under KVM: nearly as fast as 'host-passthrough', and the VM migrates to every host whose processor has what
 * it saw at its start. Under TCG QEMU's own model is best: it emulates the others.
 */
export function cpuOf(spec: DomainDefinition): CpuMode | undefined {
  if (spec.cpuModel !== undefined) return { mode: spec.cpuMode ?? 'custom', model: spec.cpuModel };
  if (spec.cpuMode !== undefined) return { mode: spec.cpuMode };
  return spec.domainType === 'kvm' ? { mode: 'host-model' } : undefined;
}

/** The names that libvirt keeps for a device in its definition: how we know our own. */
export const ALIAS_PREFIX = 'ua-cdktf-';
export function diskAlias(target: string): string {
  return `${ALIAS_PREFIX}${target}`;
}
export function interfaceAlias(macAddress: string): string {
  return `${ALIAS_PREFIX}${macAddress.toLowerCase().replaceAll(':', '')}`;
}

/** By target, in the order in which the guest's firmware and a reader of the XML see them: vda, vdb, ..., vdaa. */
export function disksInOrder(spec: DomainDefinition): [target: string, disk: DiskSpec][] {
  return Object.entries(spec.disks).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
}

/** Without any boot index the first virtio disk is booted from, else the first disk that is no cdrom. */
export function bootOrder(spec: DomainDefinition, target: string): number | undefined {
  if (Object.values(spec.disks).some((disk) => disk.bootIndex !== undefined)) return spec.disks[target]?.bootIndex;
  const disks = disksInOrder(spec);
  const fixed = disks.filter(([, disk]) => !disk.cdrom);
  const root = fixed.find(([, disk]) => disk.bus === 'virtio') ?? fixed[0] ?? disks[0];
  return root?.[0] === target ? 1 : undefined;
}

/** Of its own for each disk and known from the target, so that taking out one disk moves no other: vda 1, vdb 2. */
export function ioThreadOf(target: string, disk: DiskSpec): number | undefined {
  if (disk.ioThread !== true || disk.bus !== 'virtio') return undefined;
  return Array.from(target.slice(2)).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 96, 0);
}

export function ioThreads(spec: DomainDefinition): number[] {
  return disksInOrder(spec).flatMap(([target, disk]) => ioThreadOf(target, disk) ?? []);
}

/** libvirt counts memory in KiB, and rounds up. */
export function kibibytes(size: string): number {
  return Math.ceil(parseSize(size) / 1024);
}

/** The controller of SCSI disks: libvirt's own default is one that few guests know. */
export const SCSI_MODEL = 'virtio-scsi';
export function hasScsiDisk(spec: DomainDefinition): boolean {
  return Object.values(spec.disks).some((disk) => disk.bus === 'scsi');
}

/** A disk's driver element, by either driver. */
export interface DiskDriver {
  readonly name: string;
  readonly type: string;
  readonly cache?: string;
  readonly discard?: string;
  readonly detectZeroes?: string;
  readonly ioThread?: number;
}

/** Zeroes that are detected become holes where discard is on: 'unmap' needs it. */
export function diskDriver(target: string, disk: DiskSpec): DiskDriver {
  const detect = disk.discard === false ? 'on' : 'unmap';
  return {
    name: 'qemu',
    type: 'raw',
    cache: disk.cache,
    discard: disk.discard === undefined ? undefined : disk.discard ? 'unmap' : 'ignore',
    detectZeroes: disk.detectZeroes === undefined ? undefined : disk.detectZeroes ? detect : 'off',
    ioThread: ioThreadOf(target, disk),
  };
}
