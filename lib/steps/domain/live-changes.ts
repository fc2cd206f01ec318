import type { DiskSpec, DomainSpec } from '../../model';
import { hostDeviceAlias } from '../../render/domain/defaults';
import { missingFragments } from '../../render/domain/fragments';
import { renderXml, textAt, type XmlElement } from '../../render/xml';
import { virsh } from '../commands';
import { detachLive } from '../disk/detach';
import { refusePlug } from '../image-in-use';
import type { Outcome, Tools } from '../tools';
import { type Difference, liveDifferences } from './compare';
import { wantedXml } from './definition';
import { diskChange, interfaceChange, supportChange } from './live-device';
import type { ObservedDomain } from './observed-domain';
import { comparableOf } from './comparable';

/** Buses that take a disk or a CD while the VM runs. */
const HOT_BUSES = ['virtio', 'scsi', 'usb'];

/** One difference of what runs, and what is done about it. */
export interface Change {
  readonly difference: Difference;
  /** Undefined: only a boot brings it. Resolves to undefined when it went well. */
  readonly change?: (tools: Tools) => Promise<Outcome | undefined>;
}

export function changes(spec: DomainSpec, { live, definition }: ObservedDomain): Change[] {
  if (!live) return [];
  const wanted = wantedXml(spec);
  const found = liveDifferences(comparableOf(wanted), comparableOf(live));
  const all = found.map((difference) => ({ difference, change: changeFor(spec, difference, live, definition) }));
  const added = missingFragments(live, spec.xml).map(({ fragment }): Change => {
    return { difference: { part: 'domain', key: '', change: 'missing', text: `${fragment} is missing` } };
  });
  const grown = growth(wanted, live);
  if (grown === undefined) return [...all, ...added];
  const text = `memory is smaller than ${spec.memory}`;
  const change = (tools: Tools) => tools.attempt(virsh(spec.host, 'setmem', spec.name, grown, '--live'));
  return [...all, ...added, { difference: { part: 'domain', key: '', change: 'differs', text }, change }];
}

/** The balloon is the guest's: less than wanted is put right, more is not (a guest without a driver keeps all). */
function growth(wanted: XmlElement, live: XmlElement): string | undefined {
  const kibibytes = (domain: XmlElement, name: string) => Number(textAt(domain, name));
  const [want, has] = [kibibytes(wanted, 'currentMemory'), kibibytes(live, 'currentMemory')];
  return want > has && want <= kibibytes(live, 'memory') ? String(want) : undefined;
}

function changeFor(
  spec: DomainSpec,
  difference: Difference,
  live: XmlElement,
  definition: XmlElement,
): Change['change'] {
  const { host, name } = spec;
  const { part, key, field } = difference;
  const attach = (device: XmlElement | undefined): Change['change'] =>
    device &&
    ((tools) =>
      tools.attempt(virsh(host, 'attach-device', name, '/dev/stdin', '--live'), { input: renderXml(device) }));
  if (part === 'domain') {
    const wanted = spec.vcpus;
    if (field !== 'vcpus') return supportChange(spec, field, live, definition);
    if (wanted > Number(comparableOf(live).fields['maximum vcpus'])) return undefined;
    return (tools) => tools.attempt(virsh(host, 'setvcpus', name, String(wanted), '--live'));
  }
  if (part === 'disk' && difference.change === 'extra') {
    const place = { host, domain: name, target: key };
    return (tools) => detachLive(place, (disk) => disk.ours, tools).then(() => undefined);
  }
  if (part === 'disk') {
    const disk = spec.disks[key];
    if (difference.change === 'differs') return diskChange(spec, difference, definition);
    if (!isHot(disk)) return undefined;
    const plug = attach(comparableOf(definition).disks.get(key)?.element);
    return (
      plug &&
      (async (tools) => {
        await refusePlug(spec.cluster, disk, tools);
        return plug(tools);
      })
    );
  }
  const parts = (domain: XmlElement) => comparableOf(domain)[part === 'interface' ? 'interfaces' : 'devices'];
  const fixed = part === 'device' && !key.startsWith(hostDeviceAlias({}));
  if (fixed) return undefined;
  if (difference.change === 'missing') return attach(parts(definition).get(key)?.element);
  if (difference.change === 'extra') {
    const device = parts(live).get(key)?.element as XmlElement;
    return (tools) =>
      tools.attempt(virsh(host, 'detach-device', name, '/dev/stdin', '--live'), { input: renderXml(device) });
  }
  return part === 'interface' ? interfaceChange(spec, difference, definition) : undefined;
}

/** What else it needs, an I/O thread or a SCSI controller, is plugged in before it. */
function isHot(disk: DiskSpec | undefined): disk is DiskSpec {
  return disk !== undefined && HOT_BUSES.includes(disk.bus);
}
