import { errorText } from '../exec/messages';
import { findAll } from '../render/xml';
import { commandText, virsh } from '../steps/commands';
import { type Outcome, Refusal, ToolError } from '../steps/tools';
import { QuiesceProcess, type Hold, LIMITS } from './quiesce-process';
import { whileUnchanged, stateOf } from './unchanged-vm';
import { onCluster } from '../exec/unreachable-monitors';
import type { VmSession } from './vm-session';
import type { Vm } from './vm';

/** How a VM was kept from writing: file systems frozen, paused by us or before, or off; or it was not. */
export type Quiesced = 'frozen' | 'paused' | 'already-paused' | 'off' | 'lapsed';

const FREEZE: Hold = { verb: 'domfsfreeze', undo: 'domfsthaw' };
const PAUSE: Hold = { verb: 'suspend', undo: 'resume' };

/**
 * Runs `work` while the VM writes nothing: the guest's agent freezes the file systems if it answers, otherwise the VM
 * is paused, which makes QEMU finish and flush pending writes. The VM continues whatever happens; if it cannot, that is
 * an error.
 */
export async function whileQuiesced(
  session: VmSession,
  vm: Vm,
  work: () => Promise<void>,
  limits = LIMITS,
): Promise<Quiesced> {
  const { host, name, cluster } = vm.spec;
  const state = stateOf(vm.found);
  if (state === 'shut off' || state === 'paused') {
    const stayed = await onCluster(cluster, session.tools, () => whileUnchanged(session.tools, vm, work));
    return stayed ? (state === 'paused' ? 'already-paused' : 'off') : 'lapsed';
  }
  if (hasAgent(vm)) {
    const { refused, lapsed } = await held(session, vm, FREEZE, work, limits);
    if (refused === undefined) return lapsed ? 'lapsed' : 'frozen';
    session.tools.warn(
      `the guest agent of VM '${name}' did not freeze its file systems (${refused.stderr}): pausing the VM instead`,
    );
  }
  const { refused, lapsed } = await held(session, vm, PAUSE, work, limits);
  if (refused !== undefined) throw new ToolError(virsh(host, PAUSE.verb, name), refused);
  return lapsed ? 'lapsed' : 'paused';
}

/** Whether an agent is connected; one that is only in the definition does not answer. */
export function hasAgent({ found }: Pick<Vm, 'found'>): boolean {
  if (found?.live === undefined) return false;
  return findAll(found.live, 'devices/channel/target').some(
    ({ attributes }) => attributes['name'] === 'org.qemu.guest_agent.0' && attributes['state'] === 'connected',
  );
}

interface Held {
  /** How the hold failed; nothing was done in that case. */
  readonly refused?: Outcome;
  readonly lapsed: boolean;
}

async function held(
  session: VmSession,
  { spec }: Vm,
  hold: Hold,
  work: () => Promise<void>,
  limits: typeof LIMITS,
): Promise<Held> {
  const holding = new QuiesceProcess(session.children, spec, hold, limits, (said) =>
    session.tools.warn(`VM '${spec.name}' is not resumed yet (${said}): trying again for ${limits.undo} s`),
  );
  let refused: Outcome | undefined;
  let failure: { readonly error: unknown } | undefined;
  try {
    const held = await holding.held;
    session.children.stopped.throwIfAborted();
    // A freeze of no file system stops no writes.
    if (held.exitCode === 0 && !held.stderr.startsWith('Froze 0 ')) await work();
    else refused = held;
  } catch (error) {
    failure = { error };
  }
  const { exitCode, said, lapsed } = await holding.end();
  if (exitCode !== 0) throw stuck(spec, hold, said, failure);
  if (failure) throw failure.error;
  return { refused, lapsed };
}

function stuck(
  { host, name }: Vm['spec'],
  { undo }: Hold,
  said: string,
  failure?: { readonly error: unknown },
): Refusal {
  const is = undo === 'domfsthaw' ? 'its file systems may still be frozen' : 'it is still paused';
  const besides = failure ? `; before that: ${errorText('the snapshot', undefined, failure.error)}` : '';
  const line = commandText('virsh', '--connect', host.uri, undo, name);
  return new Refusal(`VM '${name}' was not resumed, ${is} (${said})${besides}`, `run '${line}'`, 'vm-not-resumed');
}

/** For messages. */
export function quiescedText(how: Quiesced): string {
  switch (how) {
    case 'frozen':
      return 'its file systems were frozen';
    case 'paused':
      return 'no guest agent answered, so it was paused: the snapshot is as after a power cut';
    case 'already-paused':
      return 'it was already paused, and still is: the snapshot is as after a power cut';
    case 'off':
      return 'it was not running';
    case 'lapsed':
      return 'its disks may be from different moments, because the freeze lapsed, or something started or resumed it: take another snapshot';
  }
}
