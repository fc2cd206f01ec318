import { parseDuration, parseMonitor, parseSize, type DiskAccess, type DiskSpec, type QosSpec } from '../../model';
import { element, type XmlElement } from '../xml';
import { diskDriver, ioLimits } from './disk-defaults';

/** What a disk needs besides its spec. */
export interface DiskPlace {
  readonly target: string;
  readonly alias: string;
  readonly boot?: number;
}

/** One RBD disk as libvirt's XML, as a network disk: storage pools of type rbd cannot back a disk (libvirt 9.0). */
export function diskXml(place: DiskPlace, disk: DiskSpec, access: DiskAccess): XmlElement {
  const { target, alias, boot } = place;
  const driver = diskDriver(target, disk);
  return element(
    'disk',
    { type: 'network', device: disk.cdrom ? 'cdrom' : 'disk' },
    element('driver', {
      name: driver.name,
      type: driver.type,
      cache: driver.cache,
      discard: driver.discard,
      detect_zeroes: driver.detectZeroes,
      iothread: driver.ioThread,
      queues: driver.queues,
    }),
    auth(access),
    networkSource(disk.image, access),
    element('target', { dev: target, bus: disk.bus }),
    disk.qos && ioTune(disk.qos),
    disk.readOnly || disk.cdrom ? element('readonly') : undefined,
    disk.serial === undefined ? undefined : element('serial', {}, disk.serial),
    disk.wwn === undefined ? undefined : element('wwn', {}, disk.wwn),
    boot === undefined ? undefined : element('boot', { order: boot }),
    element('alias', { name: alias }),
  );
}

/** Where an image is; libvirt expects a disk's client beside it, and all others' inside. */
export function networkSource(image: string, access: DiskAccess, withAuth = false): XmlElement {
  const hosts = access.monitors.map((text) => {
    const monitor = parseMonitor(text) ?? { host: text };
    return element('host', { name: monitor.host, port: monitor.port });
  });
  return element('source', { protocol: 'rbd', name: image }, ...hosts, withAuth ? auth(access) : undefined);
}

function auth({ clientId, secretUsage }: DiskAccess): XmlElement {
  return element('auth', { username: clientId }, element('secret', { type: 'ceph', usage: secretUsage }));
}

function ioTune(qos: QosSpec): XmlElement {
  const limits = Object.entries(ioLimits(qos, { bytes: parseSize, seconds: parseDuration }));
  const given = limits.filter(([, value]) => value !== undefined);
  return element('iotune', {}, ...given.map(([name, value]) => element(name, {}, String(value))));
}
