import { PCI_ADDRESS, USB_ID, UUID } from '../lib/model';
import { isCarried, known, type Rule } from '../lib/validation';
import type { HostDevice } from './host-device';
import type { RbdBackedVmProps } from './rbd-backed-vm-props';
import { DiskBus, type VmDiskProps } from './vm-disk';

/** The rules for the machine that the guest sees. */
export function machineRules(
  vmName: string,
  { architecture, machineType, cpuMode, cpuModel, ignitionFile, serialLogFile, hostDevices = [] }: RbdBackedVmProps,
): Rule[] {
  const modes = ['host-passthrough', 'host-model', 'custom', 'maximum'];
  const ownLog = known(serialLogFile) && known(vmName) && serialLogFile === `/var/log/libvirt/qemu/${vmName}.log`;
  return [
    {
      code: 'architecture-form',
      broken: known(architecture) && !/^[a-z0-9_]{1,32}$/.test(architecture),
      message: `'architecture' must be one that libvirt supports, got ${JSON.stringify(architecture)}; use 'x86_64' or 'aarch64'`,
    },
    {
      code: 'machine-type-form',
      broken: known(machineType) && !/^[a-z0-9][A-Za-z0-9.-]{0,63}$/.test(machineType),
      message: `'machineType' must be a QEMU machine, got ${JSON.stringify(machineType)}; use 'q35' or 'pc'`,
    },
    {
      code: 'cpu-mode',
      broken: known(cpuMode) && !modes.includes(cpuMode),
      message: `'cpuMode' must be one of ${modes.join(', ')}, got ${JSON.stringify(cpuMode)}; use 'host-model'`,
    },
    {
      code: 'cpu-model',
      broken: known(cpuModel) && (cpuMode !== 'custom' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(cpuModel)),
      message: `'cpuModel' must be a libvirt CPU model, and requires the cpuMode 'custom', got ${JSON.stringify(cpuModel)} with ${JSON.stringify(cpuMode)}; 'virsh cpu-models x86_64' lists them`,
    },
    {
      code: 'serial-log-file',
      broken: known(serialLogFile) && (!/^\/[^/]/.test(serialLogFile) || !isCarried(serialLogFile) || ownLog),
      message: `'serialLogFile' must be an absolute path and not libvirt's own log of the VM, got ${JSON.stringify(serialLogFile)}; use '/var/log/libvirt/qemu/NAME-console.log'`,
    },
    {
      code: 'ignition-file',
      broken:
        known(ignitionFile) &&
        (!/^\/[^/]/.test(ignitionFile) || !isCarried(ignitionFile) || ignitionFile.includes(',')),
      message: `'ignitionFile' must be an absolute path without commas, got ${JSON.stringify(ignitionFile)}; use '/etc/libvirt/core1.ign'`,
    },
    ...hostDevices.map(hostDeviceRule),
    {
      code: 'host-device-twice',
      broken: new Set(hostDevices.map((one) => JSON.stringify(one._spec()))).size < hostDevices.length,
      message: "'hostDevices' must name each device once; remove the repeated one",
    },
  ];
}

function hostDeviceRule(device: HostDevice): Rule {
  const { pci, mdev, usb, model } = device._spec();
  const fits = (value: string | undefined, form: RegExp): boolean => value === undefined || form.test(value);
  return {
    code: 'host-device-form',
    broken: !fits(pci, PCI_ADDRESS) || !fits(mdev, UUID) || !fits(usb, USB_ID) || !fits(model, /^vfio-[a-z]+$/),
    message: `'hostDevices' must be PCI addresses such as '0000:3b:00.0', UUIDs of mediated devices or USB ids such as '0781:5567', got ${JSON.stringify(pci ?? mdev ?? usb)}; 'lspci -D' and 'lsusb' print them`,
  };
}

type Machine = Pick<RbdBackedVmProps, 'machineType' | 'architecture'>;

/** Unless Terraform alone knows. */
export function isX86({ architecture }: Machine): boolean {
  return !known(architecture) || architecture === 'x86_64';
}

/** The machine of a VM, or its default. */
export function machineOf({ machineType, architecture }: Machine): string {
  return machineType ?? (isX86({ architecture }) ? 'q35' : 'virt');
}

/** A cdrom is on SATA if the machine has it. */
export function withBus(disk: VmDiskProps, machine: Machine): VmDiskProps {
  return disk.cdrom === true && disk.bus === undefined && !isX86(machine) ? { ...disk, bus: DiskBus.SCSI } : disk;
}
