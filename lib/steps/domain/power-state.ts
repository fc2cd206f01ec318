import type { DomainSpec } from '../../model';
import { virshLine } from '../runbook-lines';
import { virsh } from '../commands';
import { waitUntilImagesFree } from '../wait-for-free-images';
import { differs, OK, type Step } from '../step';
import type { Tools } from '../tools';
import { startByHand } from './runbook-lines';
import { isActive, observeDomain, type ObservedDomain } from './observed-domain';
import { imagesWrittenAlone } from './written-disks';
import { powerOff } from './power-off';
import { powerOn } from './power-on';
import type { DomainWorld } from './lookup';

const RUNNING = ['running', 'idle', 'no state'];

/** Sets whether libvirt starts the VM with its host. */
export const autostart: Step<DomainSpec, DomainWorld> = {
  name: 'set its autostart',
  describe: (spec) => (spec.autostart ? [virshLine(spec.host, ...autostartArguments(spec))] : []),
  judge(spec, { found }) {
    const text = autostartDiffers(spec, found);
    return text === undefined ? OK : differs(text);
  },
  async act(spec, _, tools) {
    if (spec.autostart) await waitWhileOff(spec, tools);
    await tools.run(virsh(spec.host, ...autostartArguments(spec)));
  },
};

/**
 * VIRSH: resumes a VM with saved memory before it is changed, because it resumes with its hardware of that time: what
 * cannot be changed while it runs waits, or restarts it.
 */
export const resumed: Step<DomainSpec, DomainWorld> = {
  name: 'resume it from its saved memory',
  describe: () => [],
  judge: (spec, { found }) =>
    spec.running && found?.managedSave ? differs('it is shut off, and its memory is saved') : OK,
  act: (spec, { found }, tools) => bringToState(spec, found, tools),
};

/** VIRSH: starts the VM or shuts it down. */
export const state: Step<DomainSpec, DomainWorld> = {
  name: 'bring it to the wanted state',
  describe: startByHand,
  judge(spec, { found }) {
    const text = stateDiffers(spec, found);
    return text === undefined ? OK : differs(text);
  },
  act: (spec, world, tools) => bringToStateLast(spec, world, tools),
};

/**
 * Spares the look that would follow: only its autostart is judged afterwards, which no start and no shutdown changes.
 */
export async function bringToStateLast(spec: DomainSpec, world: DomainWorld, tools: Tools): Promise<DomainWorld> {
  await bringToState(spec, world.found, tools);
  return world;
}

/** `found` is what the runner saw right before; a start looks at the images by itself. */
async function bringToState(spec: DomainSpec, found: ObservedDomain | undefined, tools: Tools): Promise<void> {
  if (!spec.running) await powerOff(spec, tools);
  else if (found) await powerOn(spec, found, tools);
}

/** A VM that is off is started by its host's next boot, without any of our checks. */
async function waitWhileOff(spec: DomainSpec, tools: Tools): Promise<void> {
  const found = await observeDomain(tools, spec.host, spec.name);
  if (found === undefined || isActive(found)) return;
  await waitUntilImagesFree(spec, await imagesWrittenAlone(spec, found.definition, tools), tools);
}

export function autostartDiffers(spec: DomainSpec, found: ObservedDomain | undefined): string | undefined {
  if (found ? found.autostart === spec.autostart : !spec.autostart) return undefined;
  return spec.autostart ? 'it does not start with its host' : 'it starts with its host, which is not wanted';
}

export function stateDiffers(spec: DomainSpec, found: ObservedDomain | undefined): string | undefined {
  if (!spec.running) return found && isActive(found) ? `it is ${found.state}, not shut off` : undefined;
  if (found && RUNNING.includes(found.state)) return undefined;
  return `it is ${found?.state ?? 'missing'}, not running`;
}

function autostartArguments({ name, autostart }: DomainSpec): string[] {
  return autostart ? ['autostart', name] : ['autostart', '--disable', name];
}
