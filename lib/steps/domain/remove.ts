import type { DomainRemoval } from '../../model';
import { virsh } from '../commands';
import { markedBy, mayRemove } from '../ownership/mark';
import { differs, fine, OK, type Step } from '../step';
import type { Tools } from '../tools';
import { refuseAltered } from './refuse-altered-disks';
import { removalByHand } from './runbook-lines';
import { observeDomain, type ObservedDomain } from './observed-domain';
import { powerOff, type DomainPlace } from './power-off';
import type { FoundDomain } from './lookup';

/**
 * Also drops what belongs to the definition: without these options libvirt (9.0) refuses. TPM state needs no option.
 */
const UNDEFINE = ['undefine', '--managed-save', '--snapshots-metadata', '--checkpoints-metadata', '--nvram'];

/** Shuts down and undefines a VM that has left the code; its images are not touched. */
export const remove: Step<DomainRemoval, FoundDomain> = {
  name: 'shut it down and undefine it',
  describe: removalByHand,

  judge(spec, { found }) {
    if (found === undefined) return OK;
    if (mayRemove(found.mark, spec, spec.name)) return differs('it is no longer wanted');
    return fine({
      warn: `VM '${spec.name}' is kept: ${markedBy(found.mark)}, so this entry did not create it`,
    });
  },

  async act(spec, { found }, tools) {
    if (found) await clearAway(spec, found, tools);
  },
};

/** Shuts a VM down and undefines it, so that only its images remain. */
export async function clearAway(place: DomainPlace, found: ObservedDomain, tools: Tools): Promise<void> {
  const { host, name } = place;
  if (found.managedSave) tools.warn(`VM '${name}': its saved memory (managed save) is deleted too`);
  refuseAltered(place, found);
  await powerOff(place, tools);
  // A VM without a definition is gone once it is off.
  const left = await observeDomain(tools, host, name);
  if (left === undefined) return;
  // Its options drop snapshots, and would silently leave an overlay behind.
  refuseAltered(place, left);
  await tools.run(virsh(host, ...UNDEFINE, name));
}
