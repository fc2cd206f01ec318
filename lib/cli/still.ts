import { argvOf } from '../exec/transport';
import { findAll } from '../render/xml';
import { virsh } from '../steps/commands';
import { isActive } from '../steps/domain/observe';
import type { Command } from '../steps/tools';
import { asTyped, type Session } from './session';
import type { Vm } from './vm';

/** How a VM was kept from writing: its file systems frozen, the VM paused, or nothing that writes. */
export type Stillness = 'frozen' | 'paused' | 'off';

/** Seconds for the guest's agent: it flushes all that the guest has not written. */
const FREEZE = 60;
/** Seconds to put a VM back. */
const THAW = 60;

/**
 * Runs `work` while the VM writes nothing: file systems frozen by the guest's agent where one answers, else paused, which
 * lets QEMU end and flush what is under way. It goes on again whatever happens: a guard outside of this process, in a
 * process group of its own, waits for the end of its standard input, which also a `kill -9` of us brings.
 */
export async function whileStill<T>(session: Session, vm: Vm, work: (how: Stillness) => Promise<T>): Promise<T> {
  const { host, name } = vm.spec;
  if (vm.found === undefined || !isActive(vm.found) || vm.found.state === 'paused') return work('off');
  if (hasAgent(vm)) {
    const frozen = await guarded(session, virsh(host, 'domfsthaw', name), async () => {
      const froze = await session.tools.attempt(virsh(host, 'domfsfreeze', name), { timeout: FREEZE });
      if (froze.exitCode === 0) return { done: await work('frozen') };
      session.tools.warn(`the agent of VM '${name}' did not freeze it (${froze.stderr.trim()}): pausing it instead`);
      return undefined;
    });
    if (frozen) return frozen.done;
  }
  return guarded(session, virsh(host, 'resume', name), async () => {
    await session.tools.run(virsh(host, 'suspend', name), { timeout: FREEZE });
    return work('paused');
  });
}

/** An agent that is connected; one in the definition alone does not answer. */
export function hasAgent({ found }: Pick<Vm, 'found'>): boolean {
  if (found?.live === undefined) return false;
  return findAll(found.live, 'devices/channel/target').some(
    ({ attributes }) => attributes['name'] === 'org.qemu.guest_agent.0' && attributes['state'] === 'connected',
  );
}

async function guarded<T>(session: Session, undo: Command, work: () => Promise<T>): Promise<T> {
  const script = 'cat >/dev/null; exec timeout "$@"';
  const argv = ['sh', '-c', script, 'sh', String(THAW), ...argvOf(undo)];
  const guard = session.children.start(argv, { stdin: 'pipe', evenWhenStopped: true });
  guard.stdin?.on('error', () => undefined);
  try {
    return await work();
  } finally {
    guard.stdin?.end();
    const { exitCode, stderr } = await guard;
    // A thaw of what is not frozen, a resume of what runs: the state that is wanted.
    if (exitCode !== 0 && !/not paused|already running|not frozen/.test(stderr)) {
      session.tools.warn(asTyped(`'${argvOf(undo).join(' ')}' ended with ${String(exitCode)}: ${stderr}`));
    }
  }
}

/** For messages. */
export function stillText(how: Stillness): string {
  switch (how) {
    case 'frozen':
      return 'its file systems were frozen meanwhile';
    case 'paused':
      return 'it has no guest agent that answers, so it was paused meanwhile: as after a power cut';
    case 'off':
      return 'it was not running';
  }
}
