import type { DomainSpec } from '../../model';
import { differs, OK, type Step } from '../step';
import { Refusal } from '../tools';
import { refuseAltered } from './altered-disks';
import { refuseForeign } from './ownership';
import { bringToState, stateDiffers } from './state';
import type { DomainWorld } from './lookup';

/**
 * PROVIDER: the provider defines the VM, and this starts it. So every start waits for its images, also that of a VM which the
 * provider (0.9.7) makes anew by itself because it was not where it should be: it may run elsewhere. Only then libvirt may
 * start it with its host.
 */
export const start: Step<DomainSpec, DomainWorld> = {
  name: 'start what the provider has defined',
  describe: () => [],
  judge(spec, { found }) {
    if (found === undefined) {
      throw new Refusal(
        `VM '${spec.name}' is not on its host, where the provider has just defined it`,
        'apply again',
        'vanished',
      );
    }
    refuseForeign(spec, found);
    refuseAltered(spec, found);
    const text = stateDiffers(spec, found);
    return text === undefined ? OK : differs(text);
  },
  act: (spec, _, tools) => bringToState(spec, tools),
};
