import * as z from '../schema';
import type { DomainStopRemoval } from '../../model';
import { markedBy, standing } from '../mark';
import * as shape from '../shape';
import { differs, OK, type KindSteps, type Step } from '../step';
import { Refusal, type Tools } from '../tools';
import { refuseAltered } from './altered-disks';
import { observeDomain, type ObservedDomain } from './observe';
import { clearAway } from './removal';
import { vmName } from './shape';

/**
 * PROVIDER: a VM is gone before the provider deletes it, which it is content with. The provider's own way (0.9.7) fails for
 * good where a guest ignores the request to shut down, or where the VM has a managed save or snapshots of libvirt, and
 * leaves a paused VM running. It asks nobody whose the VM is either: what fails here keeps an old copy of a state from
 * deleting a VM that is no longer its own.
 */
export const stop: Step<DomainStopRemoval> = {
  name: 'shut it down and take its definition away before the provider does',
  describe: ({ name }) => [`virsh shutdown ${name}`, `virsh undefine ${name}`],

  async observe(spec, tools) {
    const found = await ourDomain(spec, tools);
    if (found === undefined) return OK;
    refuseAltered(spec, found);
    return differs(`it is ${found.state}`);
  },

  async act(spec, tools) {
    const found = await ourDomain(spec, tools);
    if (found) await clearAway(spec, found, tools);
  },
};

/** The VM, or undefined where there is none of that name; throws where it is not what this state made. */
async function ourDomain(spec: DomainStopRemoval, tools: Tools): Promise<ObservedDomain | undefined> {
  const { host, name, addresses } = spec;
  const found = await observeDomain(tools, host, name);
  if (found === undefined || standing(found.mark, spec, spec.domainEntryId, name) === 'ours') return found;
  throw new Refusal(
    `VM '${name}' is neither stopped nor deleted: ${markedBy(found.mark)}, and this state made one of the entry '${spec.domainEntryId}'`,
    `take it out of this state: terraform state rm ${addresses.map((one) => `'${one}'`).join(' ')}`,
  );
}

const removalSpec = shape.removal.extend({
  host: shape.host,
  name: vmName,
  shutdownTimeout: shape.duration,
  domainEntryId: shape.objectSpec.shape.entryId,
  addresses: z.array(z.string().min(1)).min(1),
});

/** The end of a VM that the provider makes: it has no object, its entry alone follows the VM. */
export const domainStop: KindSteps<never, DomainStopRemoval> = {
  kind: 'domain-stop',
  title: ({ name }) => `VM '${name}'`,
  lock: ({ host, name }) => ({ file: `domain-${name}`, transport: host.transport }),
  parseSpec: () => {
    throw new RangeError("'domain-stop' knows 'remove' only");
  },
  parseRemoval: shape.parser(removalSpec),
  ensure: [],
  remove: [stop],
};
