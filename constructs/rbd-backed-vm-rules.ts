import { fragmentFault, isFragmentParent } from '../lib/model';
import { isCarried, known, name, sizeAboveZero, text, wholeNumber, type Rule } from '../lib/validation';
import { cpuRules } from './rbd-backed-vm-cpu-rules';
import { firmwareRules } from './rbd-backed-vm-firmware-rules';
import { guestRules } from './rbd-backed-vm-guest-rules';
import { machineOf, machineRules, withBus } from './rbd-backed-vm-machine-rules';
import type { RbdBackedVmProps } from './rbd-backed-vm-props';
import { diskRules, rootDiskRules } from './vm-disk-rules';

/** The rules for a VM's name, whoever made the VM. */
export function vmNameRules(vmName: string): Rule[] {
  return [
    name('vmName', vmName, 'libvirtName'),
    {
      code: 'vm-name-digits',
      broken: /^\d+$/.test(vmName),
      message: `'vmName' must not be only digits, which libvirt's tools read as an id, got '${vmName}'; add a letter`,
    },
  ];
}

/** The rules for a VM as a whole. */
export function vmRules(vmName: string, props: RbdBackedVmProps): Rule[] {
  return [
    ...vmNameRules(vmName),
    text('description', props.description),
    ...amountRules(props),
    ...machineRules(vmName, props),
    ...guestRules(props),
    {
      code: 'vm-storage-or-secret',
      broken: (props.storage === undefined) === (props.secret === undefined),
      message: `exactly one of 'storage' and 'secret' must be given, got ${props.storage ? 'both' : 'neither'}; use 'storage' if there is a storage pool`,
    },
    ...firmwareRules(props),
    ...cpuRules(props),
    ...rootDiskRules(withBus(props.rootDisk, props), machineOf(props)),
    ...(props.dataDisks ?? []).flatMap((disk) => diskRules(withBus(disk, props), machineOf(props))),
  ];
}

function amountRules(props: RbdBackedVmProps): Rule[] {
  const { vcpus, maxVcpus, memory, maxMemory, shutdownTimeout } = props;
  const least = memory._bytes();
  const most = maxMemory?._bytes();
  const seconds = shutdownTimeout?._seconds();
  return [
    wholeNumber('vcpus', vcpus, 1, 4096, 'give the VM at least one'),
    wholeNumber('maxVcpus', maxVcpus, known(vcpus) && vcpus >= 1 ? vcpus : 1, 4096, "use 'vcpus' or more"),
    sizeAboveZero('memory', memory),
    sizeAboveZero('maxMemory', maxMemory),
    {
      code: 'memory-unit',
      broken: (least ?? 0) % 1024 !== 0 || (most ?? 0) % 1024 !== 0,
      message: `'memory' and 'maxMemory' must be in whole KiB, got ${String(memory)} and ${String(maxMemory ?? memory)}; use Size.mebibytes or Size.gibibytes`,
    },
    {
      code: 'max-memory',
      broken: least !== undefined && most !== undefined && most < least,
      message: `'maxMemory' must be at least 'memory', ${String(memory)}, got ${String(maxMemory)}; raise it`,
    },
    {
      code: 'shutdown-timeout',
      broken: seconds !== undefined && !(Number.isInteger(seconds) && seconds > 0),
      message: `'shutdownTimeout' must be above zero, in whole seconds, got ${String(shutdownTimeout)}; use Duration.minutes(2)`,
    },
  ];
}

/** The rules for `addXml`; only libvirt's schema knows whether it has such an element. */
export function xmlRules(fragment: string, parent: string | undefined, driver: string): Rule[] {
  const fault = known(fragment) ? fragmentFault(fragment) : undefined;
  return [
    {
      code: 'add-xml-driver',
      broken: driver !== 'virsh',
      message:
        "'addXml' requires LibvirtDriver.VIRSH, got the provider, which accepts no XML; use domainResource.addOverride",
    },
    {
      code: 'add-xml-fragment',
      broken: fault !== undefined || !isCarried(fragment),
      message: `'fragment' must be one well-formed element of libvirt's XML, got ${JSON.stringify(fragment)}: ${fault ?? 'it has a character that XML cannot contain'}; close every tag, and remove comments and declarations`,
    },
    {
      code: 'add-xml-parent',
      broken: known(parent) && !isFragmentParent(parent),
      message: `'parent' must be element names from below the root, separated by '/', got ${JSON.stringify(parent)}; use 'devices', 'features', or 'domain' for the root itself`,
    },
  ];
}
