import type { DomainSpec } from '../../model';
import { differs, OK, type KindSteps, type Step } from '../step';
import { Refusal } from '../tools';
import { refuseAltered } from './altered-disks';
import { domain } from './index';
import { observeDomain } from './observe';
import { refuseForeign } from './ownership';
import { autostart, bringToState, observeAutostart, stateDiffers } from './state';

/**
 * PROVIDER: the provider defines the VM, and this starts it. So every start waits at the gate, also that of a VM which the
 * provider (0.9.7) makes anew by itself because it was not where it should be: it may run elsewhere. Only then libvirt may
 * start it with its host.
 */
const start: Step<DomainSpec> = {
  name: 'start what the provider has defined',
  describe: () => [],
  async observe(spec, tools) {
    const found = await observeDomain(tools, spec.host, spec.name);
    if (found === undefined) {
      throw new Refusal(`VM '${spec.name}' is not on its host, where the provider has just defined it`, 'apply again');
    }
    refuseForeign(spec, found);
    refuseAltered(spec, found);
    const text = stateDiffers(spec, found);
    return text === undefined ? OK : differs(text);
  },
  act: bringToState,
};

/** The start of a VM that the provider makes; its object stands before that, and has the spec. */
export const domainStart: KindSteps<DomainSpec, never> = {
  kind: 'domain-start',
  title: domain.title,
  lock: domain.lock,
  parseSpec: domain.parseSpec,
  parseRemoval: () => {
    throw new RangeError("'domain-start' has nothing to remove");
  },
  ensure: [start, { ...autostart, observe: observeAutostart }],
  remove: [],
};
