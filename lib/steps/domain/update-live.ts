import type { DomainSpec } from '../../model';
import { differs, fine, OK, type Step } from '../step';
import { textOf } from './compare-definition';
import { changes } from './compare-live';
import type { ObservedDomain } from './observed-domain';
import { powerOff } from './power-off';
import type { DomainWorld } from './lookup';

/** VIRSH: changes a running VM in place as far as libvirt and the guest can; the definition already has everything. */
export const liveUpdate: Step<DomainSpec, DomainWorld> = {
  name: 'change the running VM',
  // By hand it is started after it was defined.
  describe: () => [],
  judge(spec, { found }) {
    const doable = found ? changes(spec, found).filter((one) => one.change !== undefined) : [];
    return doable.length === 0 ? OK : differs(textOf(doable.map(({ difference }) => difference)));
  },
  async act(spec, { found }, tools) {
    if (!found) return;
    for (const { difference, change } of changes(spec, found)) {
      const outcome = await change?.(tools);
      if (outcome && outcome.exitCode !== 0) {
        const said = outcome.stderr.trim().split('\n').join(' | ');
        tools.warn(`VM '${spec.name}': ${difference.text}, which cannot be changed while it runs: ${said}`);
      }
    }
  },
};

/** VIRSH: what the running VM cannot change waits for its next boot, or restarts it now. */
export const restart: Step<DomainSpec, DomainWorld> = {
  name: 'shut it down for a restart',
  describe: () => [],
  judge(spec, { found }) {
    const waiting = found ? textOf(changes(spec, found).map(({ difference }) => difference)) : '';
    if (waiting === '' || !spec.running) return OK;
    if (spec.restartPolicy === 'now') return differs(`it runs with an older definition: ${waiting}`);
    return fine({
      say: `VM '${spec.name}' runs with an older definition (${waiting}); the new one takes effect at its next boot`,
    });
  },
  act: (spec, _, tools) => powerOff(spec, tools),
};

/** VIRSH: how the running VM differs from the definition, until its next boot, in words. */
export function waitingChanges(spec: DomainSpec, found: ObservedDomain): string[] {
  return spec.driver === 'virsh' ? changes(spec, found).map(({ difference }) => difference.text) : [];
}
