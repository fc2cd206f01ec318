import type { DiskSpec, DomainDefinition, DomainSpec, NetworkInterfaceSpec, QosSpec } from '../../model';
import type { DomainArguments, DomainDevices } from '../../provider-libvirt/generated';
import { type ProviderMonitor, providerMonitor } from '../provider-monitor';
import { bytes, kibibytes, seconds } from './amounts';
import * as defaults from './defaults';
import * as diskDefaults from './disk-defaults';
import { firmwareFeatures, isUefi } from './firmware';

type Disk = Extract<DomainDevices['disks'], readonly unknown[]>[number];
type Interface = Extract<DomainDevices['interfaces'], readonly unknown[]>[number];

/**
 * A definition as the arguments of the Terraform provider's domain, so that libvirt ends up with what `domainXml` gives it;
 * the UUID apart, which the provider chooses (0.9.7). It starts nothing, now or with the host. `mark` says whose it is and may hold expressions. Texts are as given:
 * who hands them to Terraform escapes them.
 */
export function providerDomain(
  spec: DomainDefinition & Pick<DomainSpec, 'shutdownTimeout'>,
  mark: string,
  monitorOf: (text: string) => ProviderMonitor = providerMonitor,
): DomainArguments {
  const threads = diskDefaults.ioThreads(spec);
  const maximum = spec.maxVcpus ?? spec.vcpus;
  return {
    name: spec.name,
    type: spec.domainType,
    description: spec.description,
    metadata: { xml: markXml(mark) },
    memory: kibibytes(spec.maxMemory ?? spec.memory),
    memoryUnit: 'KiB',
    currentMemory: kibibytes(spec.memory),
    currentMemoryUnit: 'KiB',
    vcpu: maximum,
    vcpuPlacement: 'static',
    vcpuCurrent: spec.maxVcpus === undefined || maximum === spec.vcpus ? undefined : spec.vcpus,
    ioThreads: threads.length > 0 ? threads.length : undefined,
    ioThreadIDs: threads.length > 0 ? { ioThreads: threads.map((id) => ({ id })) } : undefined,
    os: os(spec, spec.monitors.map(monitorOf)),
    features: { acpi: true, apic: {} },
    cpu: cpu(spec),
    clock: { offset: 'utc' },
    devices: devices(spec, spec.monitors.map(monitorOf)),
    // Without it the provider pulls the plug; a guest that takes longer is an error of its own making.
    destroy: { shutdown: { timeout: seconds(spec.shutdownTimeout) } },
  };
}

function os(spec: DomainDefinition, hosts: ProviderMonitor[]): DomainArguments['os'] {
  const machine = { type: 'hvm', typeArch: 'x86_64', typeMachine: defaults.machineOf(spec) };
  if (!isUefi(spec)) return machine;
  const firmwareInfo = { features: firmwareFeatures(spec) };
  if (spec.nvram === undefined) return { ...machine, firmware: 'efi', firmwareInfo };
  const auth = { username: spec.clientId, secret: { type: 'ceph', usage: spec.secretUsage } };
  const network = { protocol: 'rbd', name: spec.nvram, hosts, auth };
  return { ...machine, firmware: 'efi', firmwareInfo, nvRam: { nvRam: '', source: { network } } };
}

function markXml(mark: string): string {
  const data = mark.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<mark:mark xmlns:mark="${defaults.MARK_NAMESPACE}">${data}</mark:mark>`;
}

function cpu(spec: DomainDefinition): DomainArguments['cpu'] {
  const cpu = defaults.cpuOf(spec);
  if (cpu === undefined) return undefined;
  const match = cpu.mode === 'custom' ? 'exact' : undefined;
  return { mode: cpu.mode, match, model: cpu.model, modelFallback: cpu.model === undefined ? undefined : 'forbid' };
}

function devices(spec: DomainDefinition, monitors: readonly ProviderMonitor[]): DomainDevices {
  const ports = defaults.rootPorts(spec);
  const root = ports > 0 ? [{ type: 'pci', index: 0, model: 'pcie-root' }] : [];
  const scsi = diskDefaults.scsiControllers(spec).map(({ index, ioThread, queues }) => {
    const driver = ioThread === undefined && queues === undefined ? undefined : { ioThread, queues };
    return { type: 'scsi', index, model: diskDefaults.SCSI_MODEL, driver };
  });
  const controllers = [
    ...root,
    ...Array.from({ length: ports }, () => ({ type: 'pci', model: 'pcie-root-port' })),
    ...scsi,
  ];
  const log = spec.serialLogFile === undefined ? undefined : { file: spec.serialLogFile, append: 'on' };
  return {
    disks: diskDefaults.disksInOrder(spec).map(([target, disk]) => diskOf(spec, monitors, target, disk)),
    controllers: controllers.length > 0 ? controllers : undefined,
    interfaces: spec.networkInterfaces?.length ? spec.networkInterfaces.map(interfaceOf) : undefined,
    serials: [{ log, target: { type: 'isa-serial', port: 0 } }],
    consoles: [{ log, target: { type: 'serial', port: 0 } }],
    channels: spec.guestAgent
      ? [{ source: { unix: {} }, target: { virtIo: { name: defaults.AGENT_CHANNEL } } }]
      : undefined,
    graphics: spec.vnc
      ? [{ vnc: { autoPort: true, listen: '127.0.0.1', listeners: [{ address: { address: '127.0.0.1' } }] } }]
      : undefined,
    // Spelled out, as the provider (0.9.7) takes libvirt's own values for a fault.
    videos: spec.vnc ? [{ model: { ...defaults.VIDEO } }] : undefined,
    memBalloon: { model: 'virtio' },
    rngs: [{ model: 'virtio', backend: { random: '/dev/urandom' } }],
  };
}

function diskOf(spec: DomainDefinition, monitors: readonly ProviderMonitor[], target: string, disk: DiskSpec): Disk {
  const { detectZeroes: detectZeros, ...driver } = diskDefaults.diskDriver(target, disk);
  const boot = diskDefaults.bootOrder(spec, target);
  return {
    device: disk.cdrom ? 'cdrom' : 'disk',
    driver: { ...driver, detectZeros },
    auth: { username: spec.clientId, secret: { type: 'ceph', usage: spec.secretUsage } },
    source: { network: { protocol: 'rbd', name: disk.image, hosts: [...monitors] } },
    target: { dev: target, bus: disk.bus },
    ioTune: disk.qos && ioTune(disk.qos),
    readOnly: disk.readOnly || disk.cdrom ? true : undefined,
    serial: disk.serial,
    wwn: disk.wwn,
    boot: boot === undefined ? undefined : { order: boot },
    alias: { name: defaults.diskAlias(target) },
  };
}

/** The provider's names are libvirt's, in camel case. */
function ioTune(qos: QosSpec): Disk['ioTune'] {
  const limits = Object.entries(diskDefaults.ioLimits(qos, { bytes, seconds }));
  return Object.fromEntries(
    limits.map(([name, value]) => [name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()), value]),
  );
}

function interfaceOf(nic: NetworkInterfaceSpec): Interface {
  const source =
    nic.network !== undefined
      ? { network: { network: nic.network } }
      : nic.bridge !== undefined
        ? { bridge: { bridge: nic.bridge } }
        : { direct: { dev: nic.macvtap, mode: 'bridge' } };
  return {
    mac: { address: nic.macAddress.toLowerCase() },
    source,
    vlan: nic.vlan === undefined ? undefined : { tags: [{ id: nic.vlan }] },
    model: { type: nic.model },
    link: nic.linkUp === undefined ? undefined : { state: nic.linkUp ? 'up' : 'down' },
    alias: { name: defaults.interfaceAlias(nic.macAddress) },
  };
}
