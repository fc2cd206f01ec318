import type { DomainSpec } from '../../model';
import { ownerText, ownershipOf } from '../mark';
import { fine, type Note, OK, type Step } from '../step';
import { Refusal } from '../tools';
import { refuseAltered, refuseAtWork } from './altered-disks';
import { isActive, type ObservedDomain } from './observe';
import type { DomainWorld } from './world';

/** VIRSH: looks whose VM has the name, before anything is defined: `virsh define` overwrites silently. */
export const ownership: Step<DomainSpec, DomainWorld> = {
  name: 'look whose VM has the name',
  describe: ({ name }) => [`virsh metadata ${name} --uri urn:cdktf-libvirt-ceph:mark`],
  judge(spec, { found }) {
    if (found === undefined) return OK;
    refuseForeign(spec, found);
    refuseAltered(spec, found);
    refuseAtWork(spec, found);
    return fine(...otherEntry(spec, found));
  },
  act: () => Promise.resolve(),
};

/** A lost state file: its VM is taken back, and the entry id is told, by which a found state knows it. */
export function otherEntry(spec: DomainSpec, { mark }: ObservedDomain): Note[] {
  if (ownershipOf(mark, spec, spec.entryId, spec.name) !== 'ours-other-entry') return [];
  return [
    { warn: `VM '${spec.name}' was made by another state of this stack (entry ${mark?.entryId}): taking it back` },
  ];
}

/** Throws unless a VM that is there may be taken for ours. */
export function refuseForeign(spec: DomainSpec, found: ObservedDomain): void {
  const { name } = spec;
  const stands = ownershipOf(found.mark, spec, spec.entryId, name);
  const clear = `${isActive(found) ? `virsh destroy ${name}; ` : ''}virsh undefine --nvram ${name}`;
  switch (stands) {
    case 'ours':
    case 'ours-other-entry':
    case 'released-by-us':
      return;
    case 'unmarked':
      throw new Refusal(
        `a VM '${name}' that this stack did not make is on the host`,
        `choose another 'vmName', or, when nobody needs that VM, clear the name with '${clear}'`,
      );
    default:
      throw new Refusal(
        `VM '${name}' belongs to ${ownerText((found.mark as NonNullable<typeof found.mark>).owner)}`,
        `choose another 'vmName', take it out of the code there, or, when nobody needs that VM, clear the name with '${clear}'`,
      );
  }
}
