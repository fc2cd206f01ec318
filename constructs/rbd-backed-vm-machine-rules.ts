import { isCarried, known, type Rule } from '../lib/validation';
import { LibvirtDriver } from './libvirt-host';
import type { RbdBackedVmProps } from './rbd-backed-vm-props';

/** The rules of the machine that the guest sees. */
export function machineRules(
  vmName: string,
  { machineType, cpuMode, cpuModel, serialLogFile }: RbdBackedVmProps,
): Rule[] {
  const modes = ['host-passthrough', 'host-model', 'custom', 'maximum'];
  const ownLog = known(serialLogFile) && known(vmName) && serialLogFile === `/var/log/libvirt/qemu/${vmName}.log`;
  return [
    {
      code: 'machine-type-form',
      broken: known(machineType) && !/^[a-z0-9][A-Za-z0-9.-]{0,63}$/.test(machineType),
      message: `'machineType' must be a machine of QEMU, got ${JSON.stringify(machineType)}; use 'q35' or 'pc'`,
    },
    {
      code: 'cpu-mode',
      broken: known(cpuMode) && !modes.includes(cpuMode),
      message: `'cpuMode' must be one of ${modes.join(', ')}, got ${JSON.stringify(cpuMode)}; use 'host-model'`,
    },
    {
      code: 'cpu-model',
      broken: known(cpuModel) && (cpuMode !== 'custom' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(cpuModel)),
      message: `'cpuModel' must be a model of libvirt's and go with the cpuMode 'custom', got ${JSON.stringify(cpuModel)} with ${JSON.stringify(cpuMode)}; 'virsh cpu-models x86_64' lists them`,
    },
    {
      code: 'serial-log-file',
      broken: known(serialLogFile) && (!/^\/[^/]/.test(serialLogFile) || !isCarried(serialLogFile) || ownLog),
      message: `'serialLogFile' must be an absolute path and not libvirt's own log of the VM, got ${JSON.stringify(serialLogFile)}; use '/var/log/libvirt/qemu/NAME-console.log'`,
    },
  ];
}

/** The rules of what is refused. */
export function notBuiltRules({ firmware, tpm, storage, secret }: RbdBackedVmProps): Rule[] {
  const byProvider = (storage?.secret ?? secret)?.host.driver === LibvirtDriver.PROVIDER;
  return [
    notBuilt('firmware', (firmware ?? '').startsWith('uefi'), 'use Firmware.BIOS'),
    notBuilt('tpm', tpm === true && !byProvider, 'leave it out'),
    {
      code: 'tpm-driver',
      broken: tpm === true && byProvider,
      message:
        "'tpm' must not go with LibvirtDriver.PROVIDER, got true: every change of a VM replaces it there, which deletes the state of its TPM and with it the keys of the guest; leave it out",
    },
  ];
}

/** The machine of a VM, defaulted. */
export function machineOf({ machineType = 'q35' }: Pick<RbdBackedVmProps, 'machineType'>): string {
  return machineType;
}

/** The rule of a prop that has no effect yet. */
export function notBuilt(prop: string, asked: boolean, instead: string): Rule {
  return {
    code: `not-built-${prop.toLowerCase()}`,
    broken: asked,
    message: `'${prop}' is not built yet, so it must be left out; ${instead}`,
  };
}
