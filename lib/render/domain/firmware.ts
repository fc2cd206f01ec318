import type { DomainDefinition } from '../../model';
import { isX86 } from './defaults';

/** What libvirt should look for in the host's firmware descriptions. */
export interface FirmwareFeature {
  readonly name: string;
  readonly enabled: 'yes' | 'no';
}

/** Machines other than x86 have nothing else. */
export function isUefi(spec: DomainDefinition): boolean {
  return (spec.firmware ?? (isX86(spec) ? 'bios' : 'uefi')) !== 'bios';
}

/** Always set: otherwise libvirt (9.0) uses the first that the host describes, on Debian the one with secure boot. */
export function firmwareFeatures({ firmware, enrolledKeys = true }: DomainDefinition): FirmwareFeature[] {
  if (firmware !== 'uefi-secure-boot') return [{ name: 'secure-boot', enabled: 'no' }];
  return [
    // In libvirt's order (9.0), because the provider (0.9.7) reports another order as an error.
    { name: 'enrolled-keys', enabled: enrolledKeys ? 'yes' : 'no' },
    { name: 'secure-boot', enabled: 'yes' },
  ];
}

/** The kind of TPM that guests expect, emulated by swtpm; its state is on the host, under the UUID of the VM. */
export function tpmOf(spec: DomainDefinition): {
  readonly model: string;
  readonly type: string;
  readonly version: string;
} {
  return { model: isX86(spec) ? 'tpm-crb' : 'tpm-tis', type: 'emulator', version: '2.0' };
}
