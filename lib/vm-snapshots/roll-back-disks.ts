import { Stopped } from '../exec/children';
import { errorText } from '../exec/messages';
import { rbd } from '../steps/commands';
import { Progress } from '../steps/rbd-image/progress';
import { markRollback, unmarkRollback } from '../steps/rollback-mark';
import { Refusal } from '../steps/tools';
import { refuseWatchers } from '../steps/watchers';
import type { VmDisk } from './disks';
import { onCluster } from '../exec/unreachable-monitors';
import type { VmSession } from './vm-session';
import type { Vm } from './vm';

/** Seconds to remove the mark from one disk. */
const UNMARK = 30;

/**
 * Rolls back one disk after the other. Marks all of them first, so that the VM only starts once all are rolled back.
 */
export async function rollBackAll(session: VmSession, vm: Vm, name: string): Promise<void> {
  const images = vm.disks.map(({ image }) => image);
  const done = { begun: 0, back: 0 };
  const begins = async (): Promise<void> => {
    if (done.begun === 0) await markRollback(images, name, session.tools);
    done.begun++;
  };
  try {
    for (const disk of vm.disks) {
      await onCluster(vm.spec.cluster, session.tools, () => rollBack(session, disk, name, begins));
      done.back++;
    }
  } catch (error) {
    throw done.begun === 0 ? error : halfWay(vm, name, done, error);
  }
  await unmarkRollback(images, (command) => session.cleanUp(command, UNMARK));
}

/** An interruption lets the current disk complete: cut short, it would be a mix of old and new. */
async function rollBack(
  session: VmSession,
  { image, imageSpec }: VmDisk,
  name: string,
  begins: () => Promise<void>,
): Promise<void> {
  const { tools } = session;
  const progress = new Progress(tools, `rolling '${imageSpec}' back`);
  const command = rbd(image.cluster, 'snap', 'rollback', `${imageSpec}@${name}`);
  await tools.withLock({ cluster: image.cluster, pool: image.pool, image: image.name }, async () => {
    await refuseWatchers(tools, image.cluster, image, 'rolled back', 0);
    await session.untilDone(async () => {
      await begins();
      await tools.run(command, { onProgress: (line) => progress.line(line) });
    });
  });
}

function halfWay({ spec, disks }: Vm, name: string, done: { begun: number; back: number }, error: unknown): Error {
  const parts: readonly (readonly [string, readonly VmDisk[]])[] = [
    ['rolled back: ', disks.slice(0, done.back)],
    ['not, or partly: ', disks.slice(done.back, done.begun)],
    ['unchanged: ', disks.slice(done.begun)],
  ];
  const which = parts
    .filter(([, some]) => some.length > 0)
    .map(([what, some]) => what + some.map(({ target }) => target).join(' '))
    .join('; ');
  const problem = `VM '${spec.name}' is only partly rolled back to '${name}' (${which}), do not start it`;
  const next = `run 'rollback ${spec.name} ${name}' again`;
  if (error instanceof Stopped)
    return new Stopped(error.message, error.exitCode, new Refusal(problem, next, 'rollback-unfinished'));
  return new Refusal(errorText(problem, undefined, error), next, 'rollback-unfinished');
}
