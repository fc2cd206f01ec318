import type { DomainSpec } from '../../model';
import { ownershipOf } from '../ownership/mark';
import { refuseOthers, takenBack } from '../ownership/refusal';
import { fine, type Note, OK, type Step } from '../step';
import { refuseAltered, refuseBusy } from './refuse-altered-disks';
import { guardByHand } from './runbook-lines';
import { isActive, type ObservedDomain } from './observed-domain';
import type { DomainWorld } from './lookup';

/** VIRSH: checks whose VM has the name before anything is defined, because `virsh define` overwrites silently. */
export const ownership: Step<DomainSpec, DomainWorld> = {
  name: 'check whose VM has its name',
  describe: guardByHand,
  judge(spec, { found }) {
    if (found === undefined) return OK;
    refuseForeign(spec, found);
    refuseAltered(spec, found);
    refuseBusy(spec, found);
    return fine(...notesOf(spec, found));
  },
  act: () => Promise.resolve(),
};

/** After a lost state file: its VM is taken back. */
export function notesOf(spec: DomainSpec, { mark }: ObservedDomain): readonly Note[] {
  return takenBack(`VM '${spec.name}'`, { mark, ownership: ownershipOf(mark, spec, spec.entryId, spec.name) });
}

/** Throws unless an existing VM may count as ours; a VM that another owner released does not. */
export function refuseForeign(spec: DomainSpec, found: ObservedDomain): void {
  const { name } = spec;
  const off = isActive(found) ? `virsh destroy ${name}; ` : '';
  const clear = `if that VM is not needed, free its name with '${off}virsh undefine --nvram ${name}'`;
  const ownership = ownershipOf(found.mark, spec, spec.entryId, name);
  refuseOthers({
    ...{ title: `VM '${name}'`, mark: found.mark, ownership },
    whereHeld: `choose another 'vmName', remove it from the code there, or, ${clear}`,
    whereUnheld: `choose another 'vmName', or, ${clear}`,
  });
}
