import type { ICephClient } from './ceph-client';
import { fragmentFault, isFragmentParent } from '../lib/model';
import { isCarried, known, name, sizeAboveZero, text, wholeNumber, type Rule } from '../lib/validation';
import { LibvirtDriver } from './libvirt-host';
import type { RbdBackedVmProps } from './rbd-backed-vm-props';
import { busOf, DiskBus, type AttachedDisk, type VmDiskProps } from './vm-disk';

/** The rules of a VM's name, wherever it was made. */
export function vmNameRules(vmName: string): Rule[] {
  return [
    name('vmName', vmName, 'libvirtName'),
    {
      code: 'vm-name-digits',
      broken: /^\d+$/.test(vmName),
      message: `'vmName' must not be digits only, which libvirt's tools take for an id, got '${vmName}'; put a letter in`,
    },
  ];
}

/** The rules of a VM as a whole. */
export function vmRules(vmName: string, props: RbdBackedVmProps): Rule[] {
  return [
    ...vmNameRules(vmName),
    text('description', props.description),
    ...amountRules(props),
    ...machineRules(vmName, props),
    ...notBuiltRules(props),
    {
      code: 'vm-storage-or-secret',
      broken: (props.storage === undefined) === (props.secret === undefined),
      message: `exactly one of 'storage' and 'secret' must be given, got ${props.storage ? 'both' : 'neither'}; take 'storage' where there is one`,
    },
    ...rootDiskRules(props.rootDisk, machineOf(props)),
    ...(props.dataDisks ?? []).flatMap((disk) => diskRules(disk, machineOf(props))),
  ];
}

function amountRules(props: RbdBackedVmProps): Rule[] {
  const { vcpus, maxVcpus, memory, maxMemory, shutdownTimeout } = props;
  const least = memory._bytes();
  const most = maxMemory?._bytes();
  const seconds = shutdownTimeout?._seconds();
  return [
    wholeNumber('vcpus', vcpus, 1, 4096, 'give the VM at least one'),
    wholeNumber('maxVcpus', maxVcpus, known(vcpus) && vcpus >= 1 ? vcpus : 1, 4096, "make it 'vcpus' or more"),
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

function machineRules(vmName: string, { machineType, cpuMode, cpuModel, serialLogFile }: RbdBackedVmProps): Rule[] {
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

function notBuiltRules({ cloudInit, firmware, tpm, storage, secret }: RbdBackedVmProps): Rule[] {
  const byProvider = (storage?.secret ?? secret)?.host.driver === LibvirtDriver.PROVIDER;
  return [
    notBuilt('cloudInit', cloudInit !== undefined, 'put what the guest needs into its image'),
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

function notBuilt(prop: string, asked: boolean, instead: string): Rule {
  return {
    code: `not-built-${prop.toLowerCase()}`,
    broken: asked,
    message: `'${prop}' is not built yet, so it must be left out; ${instead}`,
  };
}

/** The rules of what `addXml` is given; whether libvirt has such an element only libvirt's schema knows. */
export function xmlRules(fragment: string, parent: string | undefined, driver: string): Rule[] {
  const fault = known(fragment) ? fragmentFault(fragment) : undefined;
  return [
    {
      code: 'add-xml-driver',
      broken: driver !== 'virsh',
      message:
        "'addXml' must go with LibvirtDriver.VIRSH, got the provider, which takes no XML; use domainResource.addOverride",
    },
    {
      code: 'add-xml-fragment',
      broken: fault !== undefined || !isCarried(fragment),
      message: `'fragment' must be one well-formed element of libvirt's XML, got ${JSON.stringify(fragment)}: ${fault ?? 'it holds a character that XML cannot carry'}; close every tag, and leave out comments and declarations`,
    },
    {
      code: 'add-xml-parent',
      broken: known(parent) && !isFragmentParent(parent),
      message: `'parent' must be names of elements from below the root, parted by '/', got ${JSON.stringify(parent)}; use 'devices', 'features', or 'domain' for the root itself`,
    },
  ];
}

/** The machine of a VM, defaulted. */
export function machineOf({ machineType = 'q35' }: Pick<RbdBackedVmProps, 'machineType'>): string {
  return machineType;
}

function rootDiskRules(disk: VmDiskProps, machine: string): Rule[] {
  return [
    ...sharedDiskRules(disk),
    ...busRules(disk, machine),
    {
      code: 'root-disk-image',
      broken: disk.image === undefined && disk.source === undefined && disk.size === undefined,
      message:
        "'rootDisk' must have an 'image', a 'source' or a 'size', got none; ImageSource.clone of a golden image is the usual one",
    },
  ];
}

/** The rules of a data disk by itself; the machine is not known of a VM that is not ours. */
export function diskRules(disk: VmDiskProps, machine?: string): Rule[] {
  return [
    ...sharedDiskRules(disk),
    ...busRules(disk, machine),
    {
      code: 'disk-target-missing',
      broken: disk.image === undefined && disk.target === undefined,
      message:
        "'target' must be given for a data disk that makes its image, got none; use 'vdb', say: its image is then '<vm>-vdb' for good",
    },
  ];
}

function sharedDiskRules({
  image,
  source,
  size,
  target,
  serial,
  bootIndex,
  cdrom,
  readOnly,
  bus,
  ioThread,
  qos,
}: VmDiskProps): Rule[] {
  return [
    notBuilt('qos', qos !== undefined, 'limit the client or the pool in Ceph'),
    {
      code: 'disk-image-or-source',
      broken: image !== undefined && (source !== undefined || size !== undefined),
      message: "'image' must not go with 'source' or 'size', which are the image's own; take them out",
    },
    sizeAboveZero('size', size),
    {
      code: 'disk-target-form',
      broken: known(target) && !/^(vd|sd|hd|xvd)[a-z]{1,2}$/.test(target),
      message: `'target' must be 'vd', 'sd', 'hd' or 'xvd' and one or two letters, got ${JSON.stringify(target)}; use 'vdb', say`,
    },
    {
      code: 'disk-serial-form',
      broken: known(serial) && !/^[A-Za-z0-9_-]{1,20}$/.test(serial),
      message: `'serial' must be 1 to 20 letters, digits, '_' or '-', got ${JSON.stringify(serial)}; shorten it`,
    },
    wholeNumber('bootIndex', bootIndex, 1, 10_000, '1 boots first'),
    {
      code: 'cdrom-writable',
      broken: cdrom === true && readOnly === false,
      message: "'readOnly' must not be false for a cdrom; leave it out",
    },
    {
      code: 'cdrom-bus',
      broken: cdrom === true && bus === DiskBus.VIRTIO,
      message: "'bus' must be SATA, SCSI, IDE or USB for a cdrom, got virtio; leave it out for SATA",
    },
    {
      code: 'io-thread-bus',
      broken: ioThread === true && busOf({ bus, cdrom }) !== DiskBus.VIRTIO,
      message: `'ioThread' must go with the bus VIRTIO, got ${busOf({ bus, cdrom })}; leave it out`,
    },
    {
      code: 'read-only-bus',
      broken: readOnly === true && cdrom !== true && (bus === DiskBus.SATA || bus === DiskBus.IDE),
      message: `'readOnly' must not go with the bus ${String(bus)}, which has no read-only disks; use VIRTIO, or a cdrom`,
    },
  ];
}

function busRules(disk: VmDiskProps, machine: string | undefined): Rule[] {
  const bus = busOf(disk);
  const pc = machine === 'pc' || (machine ?? '').startsWith('pc-i440fx');
  return [
    {
      code: 'disk-bus-xen',
      broken: bus === DiskBus.XEN,
      message: "'bus' must not be XEN, which only Xen hosts have and these VMs run on QEMU or KVM; use VIRTIO",
    },
    {
      code: 'disk-bus-machine',
      broken: bus === DiskBus.IDE && known(machine) && !pc,
      message: `'bus' must not be IDE with the machine '${machine ?? ''}', which has none; use SATA, or the machineType 'pc'`,
    },
  ];
}

/** The rules of a disk next to those that the VM has. */
export function diskSetRules(others: readonly AttachedDisk[], disk: AttachedDisk, client: ICephClient): Rule[] {
  const letters = (one: AttachedDisk): string => one.target.replace(/^(vd|sd|hd|xvd)/, '');
  const clash = others.find((one) => busOf(one.props) === busOf(disk.props) && letters(one) === letters(disk));
  const index = disk.props.bootIndex;
  return [
    {
      code: 'disk-target-twice',
      broken: others.some(({ target }) => target === disk.target),
      message: `'target' must be of one disk only, got '${disk.target}' twice; give one of the two another`,
    },
    {
      code: 'disk-address-twice',
      broken: clash !== undefined && clash.target !== disk.target,
      message: `'target' must end in other letters than that of another disk on the bus ${busOf(disk.props)}, got '${disk.target}' beside '${clash?.target ?? ''}'; libvirt gives both one address`,
    },
    {
      code: 'boot-index-twice',
      broken: known(index) && others.some(({ props }) => props.bootIndex === index),
      message: `'bootIndex' must be of one disk only, got ${String(index)} twice; count on`,
    },
    {
      code: 'disk-cluster',
      broken: disk.image.pool.cluster.monitors.join() !== client.cluster.monitors.join(),
      message: `'image' must be of the client's cluster '${client.cluster.node.path}', got one of '${disk.image.pool.cluster.node.path}'; use a client there`,
    },
  ];
}
