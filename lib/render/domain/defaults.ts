import type { DomainDefinition, HostDeviceSpec, NetworkInterfaceSpec } from '../../model';

/*
 * The defaults of a definition, the same for both drivers. Explicit, so that a newer libvirt or QEMU changes no VM.
 */

export const X86 = 'x86_64';

/** Hot-plug needs a free root port, and libvirt (9.0) adds no spare ones. */
const ROOT_PORTS = 16;

/** The namespace of our mark in a domain's metadata. */
export const MARK_NAMESPACE = 'urn:cdktf-libvirt-ceph:mark';

/** The guest agent's name on its virtio channel. */
export const AGENT_CHANNEL = 'org.qemu.guest_agent.0';

export function architectureOf({ architecture = X86 }: DomainDefinition): string {
  return architecture;
}

/** The name of the fw_cfg entry that Ignition reads, in images for QEMU. */
export const IGNITION_CONFIG = 'opt/com.coreos/config';

export function isX86(spec: DomainDefinition): boolean {
  return architectureOf(spec) === X86;
}

/** Works with every guest; explicit, because the provider (0.9.7) reports libvirt's own values as an error. */
export function videoOf(spec: DomainDefinition): { type: string; vram?: number; heads: number; primary: string } {
  const one = { heads: 1, primary: 'yes' };
  return isX86(spec) ? { type: 'vga', vram: 16384, ...one } : { type: 'virtio', ...one };
}

/** RHEL 10 and similar no longer have 'pc', so q35. */
export function machineOf(spec: DomainDefinition): string {
  return spec.machineType ?? (isX86(spec) ? 'q35' : 'virt');
}

export function isQ35(machine: string): boolean {
  return machine === 'q35' || machine.startsWith('pc-q35-');
}

/** The index of a VM's last PCI Express root port: libvirt adds those before it. */
export function lastRootPort(spec: DomainDefinition): number | undefined {
  const machine = machineOf(spec);
  return isQ35(machine) || /^virt(-|$)/.test(machine) ? ROOT_PORTS : undefined;
}

/** The chip of the serial port. */
export function serialTargetOf(spec: DomainDefinition): string {
  return isX86(spec) ? 'isa-serial' : 'system-serial';
}

export interface CpuMode {
  readonly mode: string;
  readonly model?: string;
}

/**
 * 'host-model' with KVM: nearly as fast as 'host-passthrough', and the VM can migrate to every host whose processor has
 * the features with which it was started; other architectures have no models. With TCG, QEMU's own model is best,
 * because it has to emulate any other.
 */
export function cpuOf(spec: DomainDefinition): CpuMode | undefined {
  if (spec.cpuModel !== undefined) return { mode: spec.cpuMode ?? 'custom', model: spec.cpuModel };
  if (spec.cpuMode !== undefined) return { mode: spec.cpuMode };
  if (spec.domainType === 'kvm') return { mode: isX86(spec) ? 'host-model' : 'host-passthrough' };
  // QEMU's own model for 'virt' is 32-bit.
  return isX86(spec) ? undefined : { mode: 'maximum' };
}

/** Aliases, which libvirt keeps for devices in a definition and which identify ours. */
export const ALIAS_PREFIX = 'ua-cdktf-';
export function diskAlias(target: string): string {
  return `${ALIAS_PREFIX}${target}`;
}
export function interfaceAlias(macAddress: string): string {
  return `${ALIAS_PREFIX}${macAddress.toLowerCase().replaceAll(':', '')}`;
}

export const TPM_ALIAS = `${ALIAS_PREFIX}tpm`;
export const WATCHDOG_ALIAS = `${ALIAS_PREFIX}watchdog`;
export function hostDeviceAlias({ pci, mdev, usb }: HostDeviceSpec): string {
  return `${ALIAS_PREFIX}hostdev-${(pci ?? mdev ?? usb ?? '').replace(/[^0-9A-Za-z]/g, '-')}`;
}

/** By default a card has one queue, and libvirt (9.0) drops a number of one. */
export function queuesOf({ queues }: NetworkInterfaceSpec): number | undefined {
  return queues === 1 ? undefined : queues;
}

/** A card that every architecture with PCI has and that guests support. */
export const WATCHDOG_MODEL = 'i6300esb';
