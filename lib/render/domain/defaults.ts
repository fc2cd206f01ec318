import { parseSize, type DomainDefinition } from '../../model';

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

/** libvirt counts memory in KiB, and rounds up. */
export function kibibytes(size: string): number {
  return Math.ceil(parseSize(size) / 1024);
}
