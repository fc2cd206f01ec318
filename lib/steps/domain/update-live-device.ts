import type { DomainSpec } from '../../model';
import { hostDeviceAlias } from '../../render/domain/defaults';
import { find, findAll, renderXml, type XmlElement } from '../../render/xml';
import { virsh } from '../commands';
import type { Outcome, Tools } from '../tools';
import type { Difference } from './compare-definition';
import { agentChannel, comparableOf, type Part, scsiControllers, scsiField } from './compared-fields';

/** A change of a running VM. Resolves to undefined if it succeeded. */
export type LiveChange = (tools: Tools) => Promise<Outcome | undefined>;

/** `verb` is one of 'attach-device', 'detach-device' and 'update-device'. */
export function changeDevice({ host, name }: DomainSpec, verb: string, device: XmlElement): LiveChange {
  return (tools) => tools.attempt(virsh(host, verb, name, '/dev/stdin', '--live'), { input: renderXml(device) });
}

/** Attaches or detaches a device; undefined if neither is needed. */
function attachOrDetach(
  spec: DomainSpec,
  { change }: Difference,
  wanted: Part | undefined,
  live: Part | undefined,
): LiveChange | undefined {
  if (change === 'missing') return wanted && changeDevice(spec, 'attach-device', wanted.element);
  return change === 'extra' && live ? changeDevice(spec, 'detach-device', live.element) : undefined;
}

/** Host devices are attached and detached while the VM runs; the others wait for a boot. */
export function hostDeviceChange(
  spec: DomainSpec,
  difference: Difference,
  live: XmlElement,
  definition: XmlElement,
): LiveChange | undefined {
  const { key } = difference;
  if (!key.startsWith(hostDeviceAlias({}))) return undefined;
  return attachOrDetach(
    spec,
    difference,
    comparableOf(definition).devices.get(key),
    comparableOf(live).devices.get(key),
  );
}

/** The link has a command of its own; libvirt changes the source, the VLAN and the trust of guest filters in place. */
export function interfaceChange(
  spec: DomainSpec,
  difference: Difference,
  live: XmlElement,
  definition: XmlElement,
): LiveChange | undefined {
  const { key, field } = difference;
  const nic = comparableOf(definition).interfaces.get(key);
  if (difference.change !== 'differs') {
    return attachOrDetach(spec, difference, nic, comparableOf(live).interfaces.get(key));
  }
  if (nic === undefined) return undefined;
  if (field === 'link') {
    return (tools) => tools.attempt(virsh(spec.host, 'domif-setlink', spec.name, key, nic.fields['link'] as string));
  }
  const inPlace = ['source', 'vlan', 'trust of guest filters'].includes(field ?? '');
  return inPlace ? changeDevice(spec, 'update-device', nic.element) : undefined;
}

/**
 * Changes of the whole machine that are possible while it runs: a disk's I/O thread and SCSI controller, which must
 * exist before the disk is attached, and the guest agent's channel, if the VM has a controller for it (libvirt, 9.0,
 * attaches none).
 */
export function supportChange(
  spec: DomainSpec,
  { field }: Difference,
  live: XmlElement,
  definition: XmlElement,
): LiveChange | undefined {
  if (field === 'I/O threads') {
    const missing = threadsOf(definition).filter((id) => !threadsOf(live).includes(id));
    return async (tools) => {
      for (const id of missing) {
        const outcome = await tools.attempt(virsh(spec.host, 'iothreadadd', spec.name, id, '--live'));
        if (outcome.exitCode !== 0) return outcome;
      }
      return undefined;
    };
  }
  if (field === 'guest agent channel') return channelChange(spec, live, definition);
  const controller = devicesOf(definition).find((one) => scsiField(one) === field);
  if (!controller || devicesOf(live).some((one) => scsiField(one) === field)) return undefined;
  return changeDevice(spec, 'attach-device', controller);
}

function channelChange(spec: DomainSpec, live: XmlElement, definition: XmlElement): LiveChange | undefined {
  const [wanted, there] = [definition, live].map((one) => agentChannel(find(one, 'devices') ?? one));
  const controllers = findAll(live, 'devices/controller').map(({ attributes }) => attributes['type']);
  const channel = wanted ?? there;
  if (channel === undefined || !controllers.includes('virtio-serial')) return undefined;
  return changeDevice(spec, wanted === undefined ? 'detach-device' : 'attach-device', channel);
}

function devicesOf(domain: XmlElement): XmlElement[] {
  return scsiControllers(find(domain, 'devices') ?? domain);
}

function threadsOf(domain: XmlElement): string[] {
  return comparableOf(domain).fields['I/O threads']?.split(', ') ?? [];
}
