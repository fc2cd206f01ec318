import type { RbdImageSpec } from '../../model';
import { differs, type Step, OK } from '../step';
import { imageSpecOf } from './rbd-command';
import { endInterruptedRemoval } from './interrupted-removal';
import { makeImage } from './create';
import { creationByHand } from './runbook-creation';
import { lookInTrash, refuseTrashed, tellTrashed } from './look-in-trash';
import type { ImageWorld } from './observed-image';

/** Creates a missing image from its source. An existing image does not need its parent any more. */
export const presence: Step<RbdImageSpec, ImageWorld> = {
  name: 'create it',
  describe: creationByHand,
  judge(spec, { absent }) {
    if (absent === undefined) return OK;
    if (absent.interruptedRemoval) return differs('the removal of an earlier one was interrupted');
    refuseTrashed(spec, absent.trashed);
    return differs(`image '${imageSpecOf(spec)}' is missing`);
  },
  async act(spec, { absent }, tools) {
    if (absent === undefined) return;
    let { trashed } = absent;
    if (absent.interruptedRemoval) {
      await endInterruptedRemoval(tools, spec);
      trashed = await lookInTrash(spec, tools);
      refuseTrashed(spec, trashed);
    }
    tellTrashed(spec, trashed, tools);
    await makeImage(spec, tools);
  },
};
