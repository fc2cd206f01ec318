import { sameCluster } from '../lib/model';
import { known, type Rule } from '../lib/validation';
import { LibvirtDriver } from './libvirt-host';
import { isX86, machineOf } from './rbd-backed-vm-machine-rules';
import { Firmware, type RbdBackedVmProps } from './rbd-backed-vm-props';

/** The rules for firmware and TPM. */
export function firmwareRules(props: RbdBackedVmProps): Rule[] {
  const { firmware = isX86(props) ? Firmware.BIOS : Firmware.UEFI, enrolledKeys, nvram, tpm, storage, secret } = props;
  const byProvider = (storage?.secret ?? secret)?.host.driver === LibvirtDriver.PROVIDER;
  const machine = machineOf(props);
  const client = (storage?.secret ?? secret)?.client;
  return [
    {
      code: 'firmware-architecture',
      broken: firmware === Firmware.BIOS && !isX86(props),
      message: `'firmware' must be UEFI on the architecture '${String(props.architecture)}', got BIOS, which only x86 has; omit it`,
    },
    {
      code: 'firmware-machine',
      broken: firmware === Firmware.UEFI_SECURE_BOOT && known(machine) && !/^(pc-)?q35(-|$)/.test(machine),
      message: `'firmware' must not be UEFI_SECURE_BOOT with the machine '${machine}', whose memory it cannot protect; use 'q35'`,
    },
    {
      code: 'enrolled-keys-firmware',
      broken: enrolledKeys !== undefined && firmware !== Firmware.UEFI_SECURE_BOOT,
      message: "'enrolledKeys' requires Firmware.UEFI_SECURE_BOOT; omit it",
    },
    {
      code: 'nvram-firmware',
      broken: nvram !== undefined && firmware === Firmware.BIOS,
      message: "'nvram' requires UEFI, got BIOS, which has no variables; omit it",
    },
    {
      code: 'nvram-cluster',
      broken: nvram !== undefined && client !== undefined && !sameCluster(nvram.pool.cluster, client.cluster),
      message: "'nvram' must be an image of the disks' cluster; create it there",
    },
    {
      code: 'nvram-driver',
      broken: nvram !== undefined && byProvider,
      message:
        "'nvram' must not be used with LibvirtDriver.PROVIDER, which (0.9.7) fails on variables in an image; omit it",
    },
    {
      code: 'tpm-driver',
      broken: tpm === true && byProvider,
      message:
        "'tpm' must not be used with LibvirtDriver.PROVIDER, got true: there every change replaces the VM, which deletes the state of its TPM and with it the guest's keys; omit it",
    },
  ];
}
