import type { DiskSpec, DomainDefinition, QosSpec } from '../../model';
import type { DomainDevices } from '../../provider-libvirt/generated';
import type { ProviderMonitor } from '../provider-monitor';
import { bytes, seconds } from './provider-amounts';
import * as defaults from './defaults';
import * as diskDefaults from './disk-defaults';
import { hostDevice } from './provider-host-device';
import { interfaceOf } from './provider-network';

type Disk = Extract<DomainDevices['disks'], readonly unknown[]>[number];

export function devices(spec: DomainDefinition, monitors: readonly ProviderMonitor[]): DomainDevices {
  const { networkInterfaces = [], hostDevices = [], watchdog } = spec;
  const log = spec.serialLogFile === undefined ? undefined : { file: spec.serialLogFile, append: 'on' };
  const screens = graphics(spec);
  return {
    disks: diskDefaults.disksInOrder(spec).map(([target, disk]) => diskOf(spec, monitors, target, disk)),
    controllers: given(controllers(spec)),
    interfaces: given(networkInterfaces.map(interfaceOf)),
    serials: [{ log, target: { type: defaults.serialTargetOf(spec), port: 0 } }],
    consoles: [{ log, target: { type: 'serial', port: 0 } }],
    channels: spec.guestAgent
      ? [{ source: { unix: {} }, target: { virtIo: { name: defaults.AGENT_CHANNEL } } }]
      : undefined,
    graphics: given(screens),
    videos: screens.length > 0 ? [{ model: defaults.videoOf(spec) }] : undefined,
    watchdogs: watchdog && [
      { model: defaults.WATCHDOG_MODEL, action: watchdog, alias: { name: defaults.WATCHDOG_ALIAS } },
    ],
    hostdevs: given(hostDevices.map(hostDevice)),
    memBalloon: { model: spec.ballooning === false ? 'none' : 'virtio' },
    rngs: spec.rng === false ? undefined : [{ model: 'virtio', backend: { random: '/dev/urandom' } }],
  };
}

function given<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}

function controllers(spec: DomainDefinition) {
  const port = defaults.lastRootPort(spec);
  const scsi = diskDefaults.scsiControllers(spec).map(({ index, ioThread, queues }) => {
    const driver = ioThread === undefined && queues === undefined ? undefined : { ioThread, queues };
    return { type: 'scsi', index, model: diskDefaults.SCSI_MODEL, driver };
  });
  return [...(port === undefined ? [] : [{ type: 'pci', index: port, model: 'pcie-root-port' }]), ...scsi];
}

function graphics(spec: DomainDefinition) {
  const local = () => ({ autoPort: true, listen: '127.0.0.1', listeners: [{ address: { address: '127.0.0.1' } }] });
  return [...(spec.vnc ? [{ vnc: local() }] : []), ...(spec.spice ? [{ spice: local() }] : [])];
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
