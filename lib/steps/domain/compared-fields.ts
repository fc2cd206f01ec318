import { SIZE_UNITS } from '../../model';
import { AGENT_CHANNEL, ALIAS_PREFIX } from '../../render/domain/defaults';
import { attributeAt, find, findAll, textAt, type XmlElement } from '../../render/xml';
import { aliasOf, deviceFields, diskFields, type Fields, interfaceFields } from './device-fields';
import { cpuFeatures, cpuText, firmwareText, ignitionEntry, topologyText } from './machine-fields';

/** What the spec decides in a domain's XML. */
export interface Comparable {
  readonly fields: Fields;
  /** By target. */
  readonly disks: ReadonlyMap<string, Part>;
  /** By MAC address. */
  readonly interfaces: ReadonlyMap<string, Part>;
  /** By alias: TPM, watchdog, host devices; only ours, because nothing is decided about those that others add. */
  readonly devices: ReadonlyMap<string, Part>;
}
export interface Part {
  readonly element: XmlElement;
  /** True if we made it: the alias says so. */
  readonly ours: boolean;
  readonly fields: Fields;
}

/** The only reader of the wanted, the defined and the running XML, so that they can be compared. */
export function comparableOf(domain: XmlElement): Comparable {
  const disks = findAll(domain, 'devices/disk');
  const interfaces = findAll(domain, 'devices/interface');
  return {
    fields: fieldsOf(domain),
    disks: new Map(disks.map((disk) => [attributeAt(disk, 'target', 'dev') ?? '', part(disk, diskFields(disk))])),
    interfaces: new Map(
      interfaces.map((nic) => [
        (attributeAt(nic, 'mac', 'address') ?? '').toLowerCase(),
        part(nic, interfaceFields(nic)),
      ]),
    ),
    devices: new Map(otherDevices(domain).map((device) => [aliasOf(device), part(device, deviceFields(device))])),
  };
}

function part(element: XmlElement, fields: Fields): Part {
  return { element, ours: aliasOf(element).startsWith(ALIAS_PREFIX), fields };
}

function fieldsOf(domain: XmlElement): Fields {
  const devices = find(domain, 'devices') ?? domain;
  const serial = find(devices, 'serial');
  const threads = findAll(domain, 'iothreadids/iothread').map((thread) => thread.attributes['id']);
  return {
    'domain type': domain.attributes['type'],
    description: textAt(domain, 'description'),
    memory: memory(textAt(domain, 'currentMemory') ?? textAt(domain, 'memory')),
    'maximum memory': memory(textAt(domain, 'memory')),
    vcpus: attributeAt(domain, 'vcpu', 'current') ?? textAt(domain, 'vcpu'),
    'maximum vcpus': textAt(domain, 'vcpu'),
    'machine type': attributeAt(domain, 'os/type', 'machine'),
    architecture: attributeAt(domain, 'os/type', 'arch'),
    firmware: firmwareText(domain),
    nvram: attributeAt(domain, 'os/nvram/source', 'name'),
    'ignition file': ignitionEntry(domain)?.attributes['file'],
    cpu: cpuText(find(domain, 'cpu')),
    'cpu topology': topologyText(find(domain, 'cpu/topology')),
    'cpu features': cpuFeatures(domain),
    'huge pages': attributeAt(domain, 'memoryBacking/hugepages/page', 'size'),
    'memory balloon': attributeAt(devices, 'memballoon', 'model'),
    'random numbers': find(devices, 'rng') && 'on',
    acpi: find(domain, 'features/acpi') && 'on',
    apic: find(domain, 'features/apic') && 'on',
    clock: attributeAt(domain, 'clock', 'offset'),
    'I/O threads': threads.length > 0 ? threads.sort().join(', ') : undefined,
    'serial console': serial && 'on',
    'serial log file': serial && attributeAt(serial, 'log', 'file'),
    vnc: graphicsOf(devices, 'vnc') && 'on',
    spice: graphicsOf(devices, 'spice') && 'on',
    'guest agent channel': agentChannel(devices) && 'on',
    ...Object.fromEntries(scsiControllers(devices).map((one) => [scsiField(one), scsiText(one)])),
  };
}

export function scsiControllers(devices: XmlElement): XmlElement[] {
  return findAll(devices, 'controller').filter(({ attributes }) => attributes['type'] === 'scsi');
}

/** A SCSI controller as a field. */
export function scsiField({ attributes }: XmlElement): string {
  return `SCSI controller ${attributes['index']}`;
}

function scsiText(controller: XmlElement): string {
  const [thread, queues] = ['iothread', 'queues'].map((name) => attributeAt(controller, 'driver', name));
  const with_ = [thread && `I/O thread ${thread}`, queues && `${queues} queues`].filter(Boolean);
  return [controller.attributes['model'], ...with_].join(', ');
}

/** The guest agent's channel among the devices. */
export function agentChannel(devices: XmlElement): XmlElement | undefined {
  return findAll(devices, 'channel').find((one) => attributeAt(one, 'target', 'name') === AGENT_CHANNEL);
}

/** A VNC or SPICE server among the devices. */
export function graphicsOf(devices: XmlElement, type: string): XmlElement | undefined {
  return findAll(devices, 'graphics').find((one) => one.attributes['type'] === type);
}

function otherDevices(domain: XmlElement): XmlElement[] {
  const all = ['tpm', 'watchdog', 'hostdev'].flatMap((name) => findAll(domain, `devices/${name}`));
  return all.filter((device) => aliasOf(device).startsWith(ALIAS_PREFIX));
}

/** libvirt's KiB as a plan shows it: "4 GiB". */
function memory(kibibytes: string | undefined): string | undefined {
  if (kibibytes === undefined) return undefined;
  const bytes = Number(kibibytes) * 1024;
  const units = Object.entries(SIZE_UNITS).reverse();
  const [unit, factor] = units.find(([, one]) => bytes > 0 && bytes % one === 0) ?? ['bytes', 1];
  return `${bytes / factor} ${unit}`;
}
