import { observeDomain, type ObservedDomain } from '../steps/domain/observed-domain';
import { Refusal, type Tools } from '../steps/tools';
import { DEAD_WATCHER_SECONDS, watchers, watchersText } from '../steps/watchers';
import type { Vm } from './vm';

const POLL = 2;

/**
 * Runs `work` while a VM is off or paused; false: its state changed meanwhile. Its host cannot tell that a migrated VM
 * runs elsewhere, but the watchers of its disks can. Nothing keeps it from being started meanwhile, so both are checked
 * again.
 */
export async function whileUnchanged(tools: Tools, vm: Vm, work: () => Promise<void>): Promise<boolean> {
  await refuseElsewhere(tools, vm);
  await work();
  const now = await observeDomain(tools, vm.spec.host, vm.spec.name);
  return stateOf(now) === stateOf(vm.found) && (await openByOthers(tools, vm)) === undefined;
}

export function stateOf(found: ObservedDomain | undefined): string {
  return found?.state ?? 'shut off';
}

/** The clients of dead hosts expire. */
async function refuseElsewhere(tools: Tools, vm: Vm): Promise<void> {
  const { name, host } = vm.spec;
  const deadline = Date.now() + DEAD_WATCHER_SECONDS * 1000;
  for (let told = false; ; told = true) {
    const open = await openByOthers(tools, vm);
    if (open === undefined) return;
    if (Date.now() >= deadline) {
      throw new Refusal(
        `VM '${name}' is ${vm.found?.state ?? 'not defined'} on ${host.uri}, but ${open}: it may run elsewhere`,
        'if it does, migrate it back or shut it down there, then try again',
        'vm-elsewhere',
      );
    }
    if (!told) tools.say(`${open}: waiting up to ${DEAD_WATCHER_SECONDS} s`);
    await tools.sleep(POLL);
  }
}

/** The first disk that is open elsewhere, as text; a paused VM has each open once. */
async function openByOthers(tools: Tools, { found, disks }: Vm): Promise<string | undefined> {
  const own = stateOf(found) === 'shut off' ? 0 : 1;
  for (const { image, imageSpec } of disks) {
    const open = await watchers(tools, image.cluster, image.pool, image.name);
    if (open.length > own) return `image '${imageSpec}' is open by ${watchersText(open)}`;
  }
  return undefined;
}
