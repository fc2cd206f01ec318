import type { DomainSpec } from '../../model';
import { find, findAll, renderXml, type XmlElement } from '../../render/xml';
import { virsh } from '../commands';
import type { Outcome, Tools } from '../tools';
import type { Difference } from './compare';
import { agentChannel, scsiControllers, scsiField, comparableOf } from './comparable';
import { IO_LIMITS, type Fields } from './device-fields';

/** What is done to a VM that runs. */
export type LiveChange = (tools: Tools) => Promise<Outcome | undefined>;

/** How a field of a disk is changed while the VM runs; undefined: it waits for a boot. */
export function diskChange(
  { host, name }: DomainSpec,
  { key, field }: Difference,
  definition: XmlElement,
): LiveChange | undefined {
  const disk = comparableOf(definition).disks.get(key);
  if (disk === undefined) return undefined;
  if (IO_LIMITS.some(([one]) => one === field)) {
    return (tools) => tools.attempt(virsh(host, 'blkdeviotune', name, key, '--live', ...limits(disk.fields)));
  }
  // Another medium in the drive; a guest that has locked its tray keeps the old one.
  if (field !== 'image' || disk.fields['device'] !== 'cdrom') return undefined;
  return (tools) =>
    tools.attempt(virsh(host, 'update-device', name, '/dev/stdin', '--live'), { input: renderXml(disk.element) });
}

/** A link is set as such; where it is plugged in, and whom it trusts, libvirt changes in what runs. */
export function interfaceChange(
  { host, name }: DomainSpec,
  { key, field }: Difference,
  definition: XmlElement,
): LiveChange | undefined {
  const nic = comparableOf(definition).interfaces.get(key);
  if (nic === undefined) return undefined;
  if (field === 'link') {
    return (tools) => tools.attempt(virsh(host, 'domif-setlink', name, key, nic.fields['link'] as string));
  }
  if (!['source', 'vlan', 'trust of guest filters'].includes(field ?? '')) return undefined;
  return (tools) =>
    tools.attempt(virsh(host, 'update-device', name, '/dev/stdin', '--live'), { input: renderXml(nic.element) });
}

/** All of them at once, as libvirt judges each by the others; 0 lifts a limit. */
function limits(fields: Fields): string[] {
  return IO_LIMITS.flatMap(([field, limit]) => [`--${limit.replaceAll('_', '-')}`, fields[field] ?? '0']);
}

/**
 * What of the whole machine changes while it runs: a disk's I/O thread and SCSI controller, which are there before it is
 * plugged in, and the guest agent's channel, where the VM has a controller for it (libvirt, 9.0, plugs none in).
 */
export function supportChange(
  { host, name }: DomainSpec,
  field: string | undefined,
  live: XmlElement,
  definition: XmlElement,
): LiveChange | undefined {
  if (field === 'I/O threads') {
    const missing = threadsOf(definition).filter((id) => !threadsOf(live).includes(id));
    return async (tools) => {
      for (const id of missing) {
        const outcome = await tools.attempt(virsh(host, 'iothreadadd', name, id, '--live'));
        if (outcome.exitCode !== 0) return outcome;
      }
      return undefined;
    };
  }
  if (field === 'guest agent channel') return channelChange(host, name, live, definition);
  const controller = devicesOf(definition).find((one) => scsiField(one) === field);
  if (!controller || devicesOf(live).some((one) => scsiField(one) === field)) return undefined;
  return (tools) =>
    tools.attempt(virsh(host, 'attach-device', name, '/dev/stdin', '--live'), { input: renderXml(controller) });
}

function channelChange(
  host: DomainSpec['host'],
  name: string,
  live: XmlElement,
  definition: XmlElement,
): LiveChange | undefined {
  const [wanted, there] = [definition, live].map((one) => agentChannel(find(one, 'devices') ?? one));
  const controllers = findAll(live, 'devices/controller').map(({ attributes }) => attributes['type']);
  const channel = wanted ?? there;
  if (channel === undefined || !controllers.includes('virtio-serial')) return undefined;
  const verb = wanted === undefined ? 'detach-device' : 'attach-device';
  return (tools) => tools.attempt(virsh(host, verb, name, '/dev/stdin', '--live'), { input: renderXml(channel) });
}

function devicesOf(domain: XmlElement): XmlElement[] {
  return scsiControllers(find(domain, 'devices') ?? domain);
}

function threadsOf(domain: XmlElement): string[] {
  return comparableOf(domain).fields['I/O threads']?.split(', ') ?? [];
}
