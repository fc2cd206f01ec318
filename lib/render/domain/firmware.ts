import type { DomainDefinition } from '../../model';

/** What libvirt is to look for in the descriptions of the firmware that a host has. */
export interface FirmwareFeature {
  readonly name: string;
  readonly enabled: 'yes' | 'no';
}

export function isUefi({ firmware = 'bios' }: DomainDefinition): boolean {
  return firmware !== 'bios';
}

/** Always said: left to itself, libvirt (9.0) takes the first that the host describes, on Debian the one with secure boot. */
export function firmwareFeatures({ firmware, enrolledKeys = true }: DomainDefinition): FirmwareFeature[] {
  if (firmware !== 'uefi-secure-boot') return [{ name: 'secure-boot', enabled: 'no' }];
  return [
    { name: 'secure-boot', enabled: 'yes' },
    { name: 'enrolled-keys', enabled: enrolledKeys ? 'yes' : 'no' },
  ];
}

/** The kind of TPM that guests expect, emulated by swtpm; its state lies on the host, by the UUID of the VM. */
export const TPM = { model: 'tpm-crb', type: 'emulator', version: '2.0' } as const;
