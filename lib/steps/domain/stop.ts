import type { DomainStopRemoval } from '../../model';
import { standing } from '../mark';
import * as shape from '../shape';
import { differs, OK, type KindSteps, type Step } from '../step';
import { isActive, observeDomain } from './observe';
import { bringDown } from './power';
import { vmName } from './shape';

/**
 * PROVIDER: a VM is down before the provider deletes it. The provider's own way (0.9.7) fails for good where a guest
 * ignores the request to shut down, and leaves a paused VM running.
 */
export const stop: Step<DomainStopRemoval> = {
  name: 'shut it down before the provider deletes it',
  describe: ({ name }) => [`virsh shutdown ${name}`],

  async observe(spec, tools) {
    const found = await observeDomain(tools, spec.host, spec.name);
    const ours = found && standing(found.mark, spec, spec.registry, spec.name) === 'ours';
    return ours && isActive(found) ? differs(`it is ${found.state}`) : OK;
  },

  act: (spec, tools) => bringDown(spec, tools),
};

const removalSpec = shape.removal.extend({
  host: shape.host,
  name: vmName,
  shutdownTimeout: shape.duration,
  registry: shape.objectSpec.shape.registry,
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
