import type { DomainSpec } from '../../model';
import type { XmlElement } from '../../render/xml';
import { virsh } from '../commands';
import { detachLive } from '../disk/detach';
import { refuseAttachingOpenImage } from '../wait-for-free-images';
import { comparableOf } from './compared-fields';
import type { Difference } from './compare-definition';
import { type Fields, IO_LIMITS } from './device-fields';
import { changeDevice, type LiveChange } from './update-live-device';

/** The buses to which a disk or a CD can be added while the VM runs. */
const HOT_BUSES = ['virtio', 'scsi', 'usb'];

/** How a disk's difference is removed while the VM runs; undefined: it waits for a boot. */
export function diskChange(spec: DomainSpec, difference: Difference, definition: XmlElement): LiveChange | undefined {
  const { change, key } = difference;
  if (change === 'differs') return fieldChange(spec, difference, definition);
  if (change === 'missing') return attach(spec, key, definition);
  const place = { host: spec.host, domain: spec.name, target: key };
  return (tools) => detachLive(place, (disk) => disk.ours, tools).then(() => undefined);
}

/** The I/O thread or SCSI controller that it needs is attached before it. */
function attach(spec: DomainSpec, target: string, definition: XmlElement): LiveChange | undefined {
  const disk = spec.disks[target];
  const device = comparableOf(definition).disks.get(target)?.element;
  if (disk === undefined || device === undefined || !HOT_BUSES.includes(disk.bus)) return undefined;
  return async (tools) => {
    await refuseAttachingOpenImage(spec.cluster, disk, tools);
    return changeDevice(spec, 'attach-device', device)(tools);
  };
}

function fieldChange(spec: DomainSpec, { key, field }: Difference, definition: XmlElement): LiveChange | undefined {
  const disk = comparableOf(definition).disks.get(key);
  if (disk === undefined) return undefined;
  if (IO_LIMITS.some(([one]) => one === field)) {
    return (tools) => tools.attempt(virsh(spec.host, 'blkdeviotune', spec.name, key, '--live', ...limits(disk.fields)));
  }
  // Another medium in the drive; a guest that has locked its tray keeps the old one.
  const isMedium = field === 'image' && disk.fields['device'] === 'cdrom';
  return isMedium ? changeDevice(spec, 'update-device', disk.element) : undefined;
}

/** All of them at once, because libvirt checks each against the others; 0 removes a limit. */
function limits(fields: Fields): string[] {
  return IO_LIMITS.flatMap(([field, limit]) => [`--${limit.replaceAll('_', '-')}`, fields[field] ?? '0']);
}
