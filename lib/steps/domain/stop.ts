import * as z from '../schema';
import type { DomainStopRemoval } from '../../model';
import { markedBy, ownershipOf } from '../ownership/mark';
import * as schemas from '../schemas';
import { differs, OK, type KindSteps, type Step } from '../step';
import { Refusal } from '../tools';
import { refuseAltered } from './altered-disks';
import type { ObservedDomain } from './observed-domain';
import { clearAway } from './remove';
import { vmName } from './schemas';
import { type FoundDomain, observeFound } from './lookup';

/**
 * PROVIDER: a VM is gone before the provider deletes it, which it is content with. The provider's own way (0.9.7) fails for
 * good where a guest ignores the request to shut down, or where the VM has a managed save or snapshots of libvirt, and
 * leaves a paused VM running. It asks nobody whose the VM is either: what fails here keeps an old copy of a state from
 * deleting a VM that is no longer its own.
 */
export const stop: Step<DomainStopRemoval, FoundDomain> = {
  name: 'shut it down and take its definition away before the provider does',
  describe: ({ name }) => [`virsh shutdown ${name}`, `virsh undefine ${name}`],

  judge(spec, { found }) {
    if (found === undefined) return OK;
    refuseOthers(spec, found);
    refuseAltered(spec, found);
    return differs(`it is ${found.state}`);
  },

  async act(spec, { found }, tools) {
    if (found) await clearAway(spec, found, tools);
  },
};

/** Throws where the VM is not what this state made. */
function refuseOthers(spec: DomainStopRemoval, found: ObservedDomain): void {
  const { name, addresses } = spec;
  if (ownershipOf(found.mark, spec, spec.domainEntryId, name) === 'ours') return;
  throw new Refusal(
    `VM '${name}' is neither stopped nor deleted: ${markedBy(found.mark)}, and this state made one of the entry '${spec.domainEntryId}'`,
    `take it out of this state: terraform state rm ${addresses.map((one) => `'${one}'`).join(' ')}`,
    'vm-of-another-entry',
  );
}

const removalSpec = schemas.removal.extend({
  host: schemas.host,
  name: vmName,
  shutdownTimeout: schemas.duration,
  domainEntryId: schemas.objectSpec.shape.entryId,
  addresses: z.array(z.string().min(1)).min(1),
});

/** The end of a VM that the provider makes: it has no object, its entry alone follows the VM. */
export const domainStop: KindSteps<never, DomainStopRemoval, FoundDomain, FoundDomain> = {
  kind: 'domain-stop',
  title: ({ name }) => `VM '${name}'`,
  lock: ({ host, name }) => ({ file: `domain-${name}`, transport: host.transport }),
  parseSpec: () => {
    throw new RangeError("'domain-stop' knows 'remove' only");
  },
  parseRemoval: schemas.parser(removalSpec),
  ensure: { observe: observeFound, steps: [] },
  remove: { observe: observeFound, steps: [stop] },
};
