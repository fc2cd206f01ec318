import { sameCluster } from '../lib/model';
import { known, sizeAboveZero, type Rule } from '../lib/validation';
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

/** The rules for the processors and memory that the guest sees. */
export function cpuRules({ cpuTopology, cpuFeatures = {}, vcpus, maxVcpus, hugePageSize }: RbdBackedVmProps): Rule[] {
  const { sockets = 1, cores = 1, threads = 1 } = cpuTopology ?? {};
  const product = sockets * cores * threads;
  const parts = [sockets, cores, threads];
  const maximum = maxVcpus ?? vcpus;
  const wrong = product !== maximum || !parts.every((part) => Number.isInteger(part) && part > 0);
  const bytes = hugePageSize?._bytes();
  const names = Object.keys(cpuFeatures).filter((feature) => !/^[a-z0-9][a-z0-9._-]{0,63}$/.test(feature));
  return [
    {
      code: 'cpu-topology',
      broken: cpuTopology !== undefined && [...parts, maximum].every((one) => known(one)) && wrong,
      message: `'cpuTopology' must be whole numbers whose product is 'maxVcpus', ${maximum}, got ${parts.join(' x ')}; correct one of them`,
    },
    {
      code: 'cpu-features-form',
      broken: names.length > 0,
      message: `'cpuFeatures' must use libvirt's feature names, got ${names.map((one) => JSON.stringify(one)).join(', ')}; 'virsh domcapabilities' lists them`,
    },
    sizeAboveZero('hugePageSize', hugePageSize),
    {
      code: 'huge-page-size',
      broken: bytes !== undefined && bytes > 0 && (bytes % 1024 !== 0 || !Number.isInteger(Math.log2(bytes))),
      message: `'hugePageSize' must be a power of two in whole KiB, got ${String(hugePageSize)}; use Size.mebibytes(2) or Size.gibibytes(1)`,
    },
  ];
}
