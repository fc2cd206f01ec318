import type { DomainDefinition } from '../../model';
import { isX86 } from './defaults';

/** What libvirt is to look for in the descriptions of the firmware that a host has. */
export interface FirmwareFeature {
  readonly name: string;
  readonly enabled: 'yes' | 'no';
}

/** Other machines than those of x86 know nothing else. */
export function isUefi(spec: DomainDefinition): boolean {
  return (spec.firmware ?? (isX86(spec) ? 'bios' : 'uefi')) !== 'bios';
}

/** Always said: left to itself, libvirt (9.0) takes the first that the host describes, on Debian the one with secure boot. */
export function firmwareFeatures({ firmware, enrolledKeys = true }: DomainDefinition): FirmwareFeature[] {
  if (firmware !== 'uefi-secure-boot') return [{ name: 'secure-boot', enabled: 'no' }];
  return [
    // In libvirt's order (9.0), as the provider (0.9.7) takes another one for a fault.
    { name: 'enrolled-keys', enabled: enrolledKeys ? 'yes' : 'no' },
    { name: 'secure-boot', enabled: 'yes' },
  ];
}

/** The kind of TPM that guests expect, emulated by swtpm; its state lies on the host, by the UUID of the VM. */
export function tpmOf(spec: DomainDefinition): {
  readonly model: string;
  readonly type: string;
  readonly version: string;
} {
  return { model: isX86(spec) ? 'tpm-crb' : 'tpm-tis', type: 'emulator', version: '2.0' };
}
