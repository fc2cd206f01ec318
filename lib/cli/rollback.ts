import { isDeepStrictEqual } from 'node:util';
import { Stopped } from '../exec/children';
import { errorLine } from '../exec/messages';
import { rbd } from '../steps/commands';
import { isActive } from '../steps/domain/observe';
import { bytesText, Progress } from '../steps/rbd-image/progress';
import { imageInfo } from '../steps/rbd-image/image';
import { Refusal } from '../steps/tools';
import { refuseWatchers } from '../steps/watchers';
import type { VmDisk } from './disks';
import { onCluster, type Result, type Session } from './session';
import { lockOf } from './snapshot';
import { findVm, lookAtVm, type Vm, type VmSnapshot, wholeSnapshot } from './vm';

/** Every disk of a VM becomes what it was; refused while anything uses one of them. What would be lost is said first. */
export async function rollback(
  session: Session,
  vmName: string,
  name: string,
  { yes }: { readonly yes?: boolean },
): Promise<Result> {
  const { spec, ...seen } = await findVm(session, vmName);
  const before: Vm = { spec, ...seen };
  return onCluster(spec.cluster, session.tools, async () => {
    await refuseUse(session, before);
    const target = await wholeSnapshot(before, name, session.tools);
    for (const line of await losses(session, before, target)) session.tools.say(line);
    await session.confirm(`VM '${spec.name}' would go back to '${name}'; what was written since is lost for good`, yes);
    return session.tools.withLock(lockOf(before), async () => {
      const vm = await lookAtVm(spec, session.tools);
      await refuseUse(session, vm);
      refuseOthers(vm, target, await wholeSnapshot(vm, name, session.tools));
      await rollBackAll(session, vm, name);
      return {
        json: { vm: spec.name, name, disks: vm.disks.map((disk) => ({ target: disk.target, image: disk.spec })) },
        lines: [`VM '${spec.name}' is at '${name}' again: ${vm.disks.map((disk) => disk.spec).join(', ')}`],
      };
    });
  });
}

/** The person said yes to what was shown, and may have thought about it for long. */
function refuseOthers({ spec }: Vm, confirmed: VmSnapshot, now: VmSnapshot): void {
  if (isDeepStrictEqual(confirmed.disks, now.disks)) return;
  throw new Refusal(
    `the disks of VM '${spec.name}', or their snapshots '${now.name}', are others than were shown; nothing was changed`,
    "run 'rollback' again",
  );
}

async function rollBackAll(session: Session, vm: Vm, name: string): Promise<void> {
  const done = { begun: 0, back: 0 };
  try {
    for (const disk of vm.disks) {
      await onCluster(vm.spec.cluster, session.tools, () => rollBack(session, disk, name, () => done.begun++));
      done.back++;
    }
  } catch (error) {
    throw done.begun === 0 ? error : halfWay(vm, name, done, error);
  }
}

/** An interruption lets a disk that has begun come to its end: cut off, it would be a mix of then and now. */
async function rollBack(session: Session, { image, spec }: VmDisk, name: string, begins: () => void): Promise<void> {
  const { tools } = session;
  const progress = new Progress(tools, `rolling '${spec}' back`);
  const command = rbd(image.cluster, 'snap', 'rollback', `${spec}@${name}`);
  await tools.withLock({ cluster: image.cluster, pool: image.pool, image: image.name }, async () => {
    await refuseWatchers(tools, image.cluster, image, 'rolled back', 0);
    await session.untilDone(async () => {
      begins();
      await tools.run(command, { onProgress: (line) => progress.line(line) });
    });
  });
}

function halfWay({ spec, disks }: Vm, name: string, done: { begun: number; back: number }, error: unknown): Error {
  const parts: readonly (readonly [string, readonly VmDisk[]])[] = [
    ['back: ', disks.slice(0, done.back)],
    ['not, or in part: ', disks.slice(done.back, done.begun)],
    ['as before: ', disks.slice(done.begun)],
  ];
  const which = parts
    .filter(([, some]) => some.length > 0)
    .map(([what, some]) => what + some.map(({ target }) => target).join(' '))
    .join('; ');
  const problem = `VM '${spec.name}' is only in part at '${name}' (${which}), do not start it`;
  const next = `run 'rollback ${spec.name} ${name}' again`;
  if (error instanceof Stopped) return new Stopped(error.message, error.exitCode, new Refusal(problem, next));
  return new Refusal(errorLine(problem, undefined, error), next);
}

async function refuseUse({ tools }: Session, { spec, found, disks }: Vm): Promise<void> {
  const { name, host } = spec;
  if (found && isActive(found)) {
    const next = `shut it down ('virsh --connect ${host.uri} shutdown ${name}'), then try again`;
    throw new Refusal(`VM '${name}' cannot be rolled back: it is ${found.state}`, next);
  }
  if (found?.managedSave) {
    // Memory of now over disks of then would destroy the file systems.
    const next = `drop that ('virsh --connect ${host.uri} managedsave-remove ${name}'), or start it and shut it down`;
    throw new Refusal(`VM '${name}' cannot be rolled back: it would go on from its saved memory`, next);
  }
  for (const { image } of disks) await refuseWatchers(tools, image.cluster, image, 'rolled back');
}

async function losses({ tools }: Session, vm: Vm, target: VmSnapshot): Promise<string[]> {
  const lines: string[] = [];
  for (const disk of vm.disks) {
    const then = target.disks[disk.target];
    const now = (await imageInfo(tools, disk.image))?.size;
    if (then === undefined) continue;
    const grown =
      now === undefined || now === then.size
        ? ''
        : `, and its size goes from ${bytesText(now)} to ${bytesText(then.size)}`;
    lines.push(`${disk.target}: '${disk.spec}' loses what was written since ${then.taken}${grown}`);
  }
  return lines;
}
