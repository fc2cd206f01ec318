import type { DomainSpec } from '../../model';
import { attributeAt, findAll, type XmlElement } from '../../render/xml';
import { virshLine } from '../commands';
import { Refusal } from '../tools';
import { alterationOf, hasOurAlias, type GivenDisk } from './compare-disk-source';
import { type Alteration } from './alteration';
import type { DomainMark } from './domain-mark';
import { isActive, type ObservedDomain } from './observed-domain';

/** A VM, with what its spec gives it if the spec is known: a removal has only the mark. */
type Vm = Pick<DomainSpec, 'host' | 'name'> & Partial<Pick<DomainSpec, 'disks' | 'monitors'>>;

/**
 * Those of our disks that are not what they were defined as: compared with the definition, with the earlier one that is
 * still running, and with the spec. Another image in the code does not count. Checked before anything is defined,
 * started, rolled back or removed.
 */
export function alteredDisks(vm: Vm, found: ObservedDomain): Alteration[] {
  const { definition, live, mark, liveMark } = found;
  const place = { host: vm.host, name: vm.name, active: isActive(found) };
  const look = (domain: XmlElement, marks: readonly (DomainMark | undefined)[]): Alteration[] =>
    findAll(domain, 'devices/disk').flatMap((disk) => {
      const given = givenDisk(vm, marks, disk);
      return given === undefined ? [] : (alterationOf(place, disk, given) ?? []);
    });
  // The running VM knows more about a disk, such as a job in progress.
  const all = [...(live ? look(live, [mark, liveMark]) : []), ...look(definition, [mark])];
  return all.filter(({ target }, index) => all.findIndex((other) => other.target === target) === index);
}

/** Throws if a disk was altered. */
export function refuseAltered(vm: Vm, found: ObservedDomain): void {
  const altered = alteredDisks(vm, found);
  if (altered.length === 0) return;
  const all = (texts: readonly string[]): string => [...new Set(texts)].join('; ');
  const text = `VM '${vm.name}': ${all(altered.map(({ target, problem }) => `disk ${target} ${problem}`))}`;
  throw new Refusal(text, all(altered.map(({ next }) => next)), 'disk-altered');
}

/** Throws while libvirt backs up, migrates, saves or dumps a VM. */
export function refuseBusy({ host, name }: Vm, { job }: ObservedDomain): void {
  if (job === undefined) return;
  throw new Refusal(
    `VM '${name}' is busy with a job of libvirt (${job})`,
    `wait until that has ended ('${virshLine(host, 'domjobinfo', name)}' shows it), then try again`,
    'vm-busy',
  );
}

/** Undefined if the disk is not ours. */
function givenDisk(
  { disks = {}, monitors = [] }: Vm,
  marks: readonly (DomainMark | undefined)[],
  disk: XmlElement,
): GivenDisk | undefined {
  const target = attributeAt(disk, 'target', 'dev') ?? '';
  const marked = marks.flatMap((mark) => mark?.images?.[target] ?? []);
  if (marked.length === 0 && !hasOurAlias(disk)) return undefined;
  const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
  return {
    images: unique([...marked, ...(disks[target] ? [disks[target].image] : [])]),
    monitors: unique([...marks.flatMap((mark) => mark?.monitors ?? []), ...monitors]),
  };
}
