import type { DomainSpec } from '../../model';
import { missingFragments } from '../../render/domain/fragments';
import { textAt, type XmlElement } from '../../render/xml';
import { virsh } from '../commands';
import { comparableOf } from './compared-fields';
import { type Difference, liveDifferences } from './compare-definition';
import { decidedBy, wantedXml } from './compare-with-spec';
import { hostDeviceChange, interfaceChange, type LiveChange, supportChange } from './update-live-device';
import { diskChange } from './update-live-disk';
import type { ObservedDomain } from './observed-domain';

/** One difference in the running VM, and how to remove it. */
export interface Change {
  readonly difference: Difference;
  /** Undefined: it needs a boot. */
  readonly change?: LiveChange;
}

/** How the running VM differs from the definition. */
export function changes(spec: DomainSpec, { live, definition }: ObservedDomain): Change[] {
  if (!live) return [];
  const found = liveDifferences(decidedBy(spec), comparableOf(live));
  const all = found.map((difference) => ({ difference, change: changeFor(spec, difference, live, definition) }));
  const added = missingFragments(live, spec.xml).map(({ fragment }): Change => {
    return { difference: { part: 'domain', key: '', change: 'missing', text: `${fragment} is missing` } };
  });
  const grown = growth(wantedXml(spec), live);
  if (grown === undefined) return [...all, ...added];
  const text = `memory is smaller than ${spec.memory}`;
  const change: LiveChange = (tools) => tools.attempt(virsh(spec.host, 'setmem', spec.name, grown, '--live'));
  return [...all, ...added, { difference: { part: 'domain', key: '', change: 'differs', text }, change }];
}

/**
 * The balloon belongs to the guest: too little memory is corrected, too much is not (a guest without a driver keeps all
 * of it).
 */
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
): LiveChange | undefined {
  switch (difference.part) {
    case 'domain':
      return difference.field === 'vcpus' ? vcpuChange(spec, live) : supportChange(spec, difference, live, definition);
    case 'disk':
      return diskChange(spec, difference, definition);
    case 'interface':
      return interfaceChange(spec, difference, live, definition);
    case 'device':
      return hostDeviceChange(spec, difference, live, definition);
  }
}

function vcpuChange({ host, name, vcpus }: DomainSpec, live: XmlElement): LiveChange | undefined {
  if (vcpus > Number(comparableOf(live).fields['maximum vcpus'])) return undefined;
  return (tools) => tools.attempt(virsh(host, 'setvcpus', name, String(vcpus), '--live'));
}
