import type { DomainStopRemoval } from '../../model';
import { markedBy, ownershipOf } from '../ownership/mark';
import { differs, OK, type Step } from '../step';
import { Refusal } from '../tools';
import { refuseAltered } from './refuse-altered-disks';
import type { ObservedDomain } from './observed-domain';
import { clearAway } from './remove';
import type { FoundDomain } from './lookup';

/**
 * PROVIDER: removes the VM before the provider deletes it, which the provider accepts. The provider's own delete
 * (0.9.7) always fails if a guest ignores the shutdown request, or if the VM has a managed save or libvirt snapshots,
 * and leaves a paused VM running. Nor does it check whose VM it is: a failure here keeps an old copy of a state from
 * deleting a VM that it no longer owns.
 */
export const stop: Step<DomainStopRemoval, FoundDomain> = {
  name: 'shut it down and undefine it before the provider does',
  // By hand, the VM's own entry removes it.
  describe: () => [],

  judge(spec, { found }) {
    if (found === undefined) return OK;
    refuseOtherEntry(spec, found);
    refuseAltered(spec, found);
    return differs(`it is ${found.state}`);
  },

  async act(spec, { found }, tools) {
    if (found) await clearAway(spec, found, tools);
  },
};

/** Throws if the VM is not the one that this state made. */
function refuseOtherEntry(spec: DomainStopRemoval, found: ObservedDomain): void {
  const { name, addresses } = spec;
  if (ownershipOf(found.mark, spec, spec.domainEntryId, name) === 'ours') return;
  throw new Refusal(
    `VM '${name}' is neither stopped nor deleted: ${markedBy(found.mark)}, but this state created one of the entry '${spec.domainEntryId}'`,
    `remove it from this state: terraform state rm ${addresses.map((one) => `'${one}'`).join(' ')}`,
    'vm-of-another-entry',
  );
}
