import type { DomainDefinition, NetworkInterfaceSpec } from '../../model';
import { element, type XmlElement } from '../xml';
import * as defaults from './defaults';
import { diskXml } from './disk';
import * as diskDefaults from './disk-defaults';
import { addFragments } from './fragments';
import { cpuXml, osXml, tpmXml, vcpusXml } from './machine-xml';

/** A definition as libvirt's domain XML; `mark` is the text that says whose it is. */
export function domainXml(spec: DomainDefinition, mark: string): XmlElement {
  return addFragments(plainDomainXml(spec, mark), spec.xml);
}

/** The same without what the spec adds as XML. */
export function plainDomainXml(spec: DomainDefinition, mark: string): XmlElement {
  const maximum = spec.maxMemory ?? spec.memory;
  return element(
    'domain',
    { type: spec.domainType },
    leaf('name', spec.name),
    leaf('uuid', spec.uuid),
    spec.description === undefined ? undefined : leaf('description', spec.description),
    element('metadata', {}, element('mark:mark', { 'xmlns:mark': defaults.MARK_NAMESPACE }, mark)),
    element('memory', { unit: 'KiB' }, String(defaults.kibibytes(maximum))),
    element('currentMemory', { unit: 'KiB' }, String(defaults.kibibytes(spec.memory))),
    vcpusXml(spec),
    ...ioThreads(spec),
    osXml(spec),
    element('features', {}, element('acpi'), element('apic')),
    cpuXml(spec),
    element('clock', { offset: 'utc' }),
    element('devices', {}, ...devices(spec)),
  );
}

function leaf(name: string, text: string): XmlElement {
  return element(name, {}, text);
}

function ioThreads(spec: DomainDefinition): XmlElement[] {
  const ids = diskDefaults.ioThreads(spec);
  if (ids.length === 0) return [];
  const threads = ids.map((id) => element('iothread', { id }));
  return [leaf('iothreads', String(ids.length)), element('iothreadids', {}, ...threads)];
}

function devices(spec: DomainDefinition): (XmlElement | undefined)[] {
  const disks = diskDefaults.disksInOrder(spec).map(([target, disk]) => {
    const place = { target, alias: defaults.diskAlias(target), boot: diskDefaults.bootOrder(spec, target) };
    return diskXml(place, disk, spec);
  });
  return [
    ...disks,
    ...rootPorts(defaults.rootPorts(spec)),
    ...diskDefaults.scsiControllers(spec).map(scsiController),
    ...(spec.networkInterfaces ?? []).map(interfaceXml),
    ...serialConsole(spec),
    spec.guestAgent
      ? element('channel', { type: 'unix' }, element('target', { type: 'virtio', name: defaults.AGENT_CHANNEL }))
      : undefined,
    ...(spec.vnc ? vnc() : []),
    tpmXml(spec),
    element('memballoon', { model: 'virtio' }),
    element('rng', { model: 'virtio' }, element('backend', { model: 'random' }, '/dev/urandom')),
  ];
}

/** libvirt gives each its index only when the root itself is there with its own. */
function rootPorts(count: number): XmlElement[] {
  if (count === 0) return [];
  const port = () => element('controller', { type: 'pci', model: 'pcie-root-port' });
  return [element('controller', { type: 'pci', index: 0, model: 'pcie-root' }), ...Array.from({ length: count }, port)];
}

function scsiController({ index, ioThread, queues }: diskDefaults.ScsiController): XmlElement {
  const driver = ioThread === undefined && queues === undefined ? undefined : { queues, iothread: ioThread };
  const place = { type: 'scsi', index, model: diskDefaults.SCSI_MODEL };
  return element('controller', place, driver && element('driver', driver));
}

/** One network interface; its alias tells it from those that others plugged in. */
export function interfaceXml(nic: NetworkInterfaceSpec): XmlElement {
  const [type, source] =
    nic.network !== undefined
      ? ['network', element('source', { network: nic.network })]
      : nic.bridge !== undefined
        ? ['bridge', element('source', { bridge: nic.bridge })]
        : ['direct', element('source', { dev: nic.macvtap, mode: 'bridge' })];
  return element(
    'interface',
    { type },
    element('mac', { address: nic.macAddress.toLowerCase() }),
    source,
    nic.vlan === undefined ? undefined : element('vlan', {}, element('tag', { id: nic.vlan })),
    element('model', { type: nic.model }),
    nic.linkUp === undefined ? undefined : element('link', { state: nic.linkUp ? 'up' : 'down' }),
    element('alias', { name: defaults.interfaceAlias(nic.macAddress) }),
  );
}

/** libvirt shows a serial port as a console too, and wants the same log in both. */
function serialConsole(spec: DomainDefinition): XmlElement[] {
  const log = () =>
    spec.serialLogFile === undefined ? undefined : element('log', { file: spec.serialLogFile, append: 'on' });
  return [
    element('serial', { type: 'pty' }, log(), element('target', { type: 'isa-serial', port: 0 })),
    element('console', { type: 'pty' }, log(), element('target', { type: 'serial', port: 0 })),
  ];
}

/** On the host's loopback alone: VNC has neither encryption nor, so set up, a password. */
function vnc(): XmlElement[] {
  const listen = element('listen', { type: 'address', address: '127.0.0.1' });
  return [
    element('graphics', { type: 'vnc', autoport: 'yes', listen: '127.0.0.1' }, listen),
    element('video', {}, element('model', { ...defaults.VIDEO })),
  ];
}
