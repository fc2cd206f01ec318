import { attributeAt, find, findAll, textAt, type XmlElement } from '../../render/xml';

/** What is compared of a disk, under libvirt's names. */
export const IO_LIMITS: readonly (readonly [field: string, limit: string])[] = [
  ['bytes per second', 'total_bytes_sec'],
  ['read bytes per second', 'read_bytes_sec'],
  ['written bytes per second', 'write_bytes_sec'],
  ['operations per second', 'total_iops_sec'],
  ['reads per second', 'read_iops_sec'],
  ['writes per second', 'write_iops_sec'],
  ['burst bytes per second', 'total_bytes_sec_max'],
  ['burst operations per second', 'total_iops_sec_max'],
  ['seconds of a burst of bytes', 'total_bytes_sec_max_length'],
  ['seconds of a burst of operations', 'total_iops_sec_max_length'],
];

/** Named values in the words of a plan; undefined: absent. */
export interface Fields {
  readonly [name: string]: string | undefined;
}

export function aliasOf(device: XmlElement): string {
  return attributeAt(device, 'alias', 'name') ?? '';
}

export function deviceFields(device: XmlElement): Fields {
  const { model, action, type } = device.attributes;
  const version = attributeAt(device, 'backend', 'version');
  // The alias says which host device it is.
  return { kind: [device.name, type, model, action, version].filter(Boolean).join(' ') };
}

export function diskFields(disk: XmlElement): Fields {
  const hosts = findAll(disk, 'source/host').map(
    ({ attributes }) => `${attributes['name']}:${attributes['port'] ?? ''}`,
  );
  // libvirt accepts and keeps it in either place.
  const auth = find(disk, 'auth') ?? find(disk, 'source/auth');
  const driver = (name: string) => attributeAt(disk, 'driver', name);
  const tune = (name: string) => textAt(disk, `iotune/${name}`);
  return {
    image: attributeAt(disk, 'source', 'name'),
    monitors: hosts.join(', ').replace(/:(?=,|$)/g, ''),
    'client id': auth?.attributes['username'],
    secret: auth && attributeAt(auth, 'secret', 'usage'),
    device: disk.attributes['device'] ?? 'disk',
    bus: attributeAt(disk, 'target', 'bus'),
    format: driver('type'),
    cache: driver('cache'),
    discard: driver('discard'),
    'zero detection': driver('detect_zeroes'),
    'I/O thread': driver('iothread'),
    'read-only': find(disk, 'readonly') && 'yes',
    queues: driver('queues'),
    serial: textAt(disk, 'serial'),
    wwn: textAt(disk, 'wwn'),
    'boot index': attributeAt(disk, 'boot', 'order'),
    alias: aliasOf(disk) || undefined,
    ...Object.fromEntries(IO_LIMITS.map(([field, limit]) => [field, tune(limit)])),
  };
}

/** Without the type: the running interface of a network shows the type that the network gave it. */
export function interfaceFields(nic: XmlElement): Fields {
  const source = (name: string) => attributeAt(nic, 'source', name);
  const kind = source('network') !== undefined ? 'network' : source('bridge') !== undefined ? 'bridge' : 'dev';
  return {
    source: `${kind === 'dev' ? 'macvtap' : kind} ${source(kind) ?? 'none'}`,
    vlan: attributeAt(nic, 'vlan/tag', 'id'),
    'port of Open vSwitch': attributeAt(nic, 'virtualport/parameters', 'interfaceid'),
    model: attributeAt(nic, 'model', 'type'),
    queues: attributeAt(nic, 'driver', 'queues'),
    mtu: attributeAt(nic, 'mtu', 'size'),
    'trust of guest filters': nic.attributes['trustGuestRxFilters'] === 'yes' ? 'yes' : undefined,
    'boot index': attributeAt(nic, 'boot', 'order'),
    link: attributeAt(nic, 'link', 'state') ?? 'up',
    alias: aliasOf(nic) || undefined,
  };
}
