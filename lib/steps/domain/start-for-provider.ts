import type { DomainSpec } from '../../model';
import { differs, OK, type Step } from '../step';
import { Refusal } from '../tools';
import { refuseAltered } from './refuse-altered-disks';
import { refuseForeign } from './ownership';
import { bringToStateLast, stateDiffers } from './power-state';
import type { DomainWorld } from './lookup';

/**
 * PROVIDER: starts the VM that the provider has defined, so that every start waits for the VM's images. This includes
 * the case that the provider (0.9.7) defines a missing VM again by itself, although it may run elsewhere. Only then may
 * libvirt start it with its host.
 */
export const start: Step<DomainSpec, DomainWorld> = {
  name: 'start it',
  describe: () => [],
  judge(spec, { found }) {
    if (found === undefined) {
      throw new Refusal(
        `VM '${spec.name}' does not exist on its host, although the provider has just defined it`,
        'apply again',
        'vanished',
      );
    }
    refuseForeign(spec, found);
    refuseAltered(spec, found);
    const text = stateDiffers(spec, found);
    return text === undefined ? OK : differs(text);
  },
  act: (spec, world, tools) => bringToStateLast(spec, world, tools),
};
