import { parseMonitor, parseSize, type DiskAccess, type DiskSpec, type QosSpec } from '../../model';
import { element, type XmlElement } from '../xml';
import { diskDriver } from './defaults';

/** What a disk needs to know besides its spec. */
export interface DiskPlace {
  readonly target: string;
  readonly alias: string;
  readonly boot?: number;
}

/** One RBD disk as libvirt's XML, by network: storage pools of type rbd can't back a disk (libvirt 9.0). */
export function diskXml(place: DiskPlace, disk: DiskSpec, access: DiskAccess): XmlElement {
  const { target, alias, boot } = place;
  const driver = diskDriver(target, disk);
  const hosts = access.monitors.map((text) => {
    const monitor = parseMonitor(text) ?? { host: text };
    return element('host', { name: monitor.host, port: monitor.port });
  });
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
    }),
    element('auth', { username: access.clientId }, element('secret', { type: 'ceph', usage: access.secretUsage })),
    element('source', { protocol: 'rbd', name: disk.image }, ...hosts),
    element('target', { dev: target, bus: disk.bus }),
    disk.qos && ioTune(disk.qos),
    disk.readOnly || disk.cdrom ? element('readonly') : undefined,
    disk.serial === undefined ? undefined : element('serial', {}, disk.serial),
    boot === undefined ? undefined : element('boot', { order: boot }),
    element('alias', { name: alias }),
  );
}

function ioTune(qos: QosSpec): XmlElement {
  const bytes = (text: string | undefined) => (text === undefined ? undefined : parseSize(text));
  const limit = (name: string, value: number | undefined) =>
    value === undefined ? undefined : element(name, {}, String(value));
  return element(
    'iotune',
    {},
    limit('total_bytes_sec', bytes(qos.totalBytesPerSecond)),
    limit('total_iops_sec', qos.totalIops),
    limit('total_bytes_sec_max', bytes(qos.burstBytesPerSecond)),
    limit('total_iops_sec_max', qos.burstIops),
  );
}
