import type { DomainSpec } from '../../model';
import { differs, OK, type KindSteps, type Step } from '../step';
import { Refusal } from '../tools';
import { refuseAltered } from './altered-disks';
import { domain } from './index';
import { refuseForeign } from './ownership';
import { autostart, bringToState, stateDiffers } from './state';
import { type DomainWorld, type FoundDomain, observeFound, observeWorld } from './lookup';

/**
 * PROVIDER: the provider defines the VM, and this starts it. So every start waits for its images, also that of a VM which the
 * provider (0.9.7) makes anew by itself because it was not where it should be: it may run elsewhere. Only then libvirt may
 * start it with its host.
 */
const start: Step<DomainSpec, DomainWorld> = {
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

/** The start of a VM that the provider makes; its object stands before that, and has the spec. */
export const domainStart: KindSteps<DomainSpec, never, DomainWorld, FoundDomain> = {
  kind: 'domain-start',
  title: domain.title,
  lock: domain.lock,
  parseSpec: domain.parseSpec,
  parseRemoval: () => {
    throw new RangeError("'domain-start' has nothing to remove");
  },
  ensure: { observe: observeWorld, steps: [start, autostart] },
  remove: { observe: observeFound, steps: [] },
};
