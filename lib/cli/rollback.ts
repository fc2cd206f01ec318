import { rbd } from '../steps/commands';
import { isActive } from '../steps/domain/observe';
import { bytesText, Progress } from '../steps/rbd-image/progress';
import { imageInfo } from '../steps/rbd-image/image';
import { Refusal } from '../steps/tools';
import { refuseWatchers } from '../steps/watchers';
import { onCluster, type Result, type Session } from './session';
import { lockOf } from './snapshot';
import { findVm, lookAtVm, type Vm, type VmDisk, type VmSnapshot, wholeSnapshot } from './vm';

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
      await wholeSnapshot(vm, name, session.tools);
      for (const disk of vm.disks) await rollBack(session, disk, name);
      return {
        json: { vm: spec.name, name, disks: vm.disks.map((disk) => ({ target: disk.target, image: disk.spec })) },
        lines: [`VM '${spec.name}' is at '${name}' again: ${vm.disks.map((disk) => disk.spec).join(', ')}`],
      };
    });
  });
}

async function rollBack({ tools }: Session, { image, spec }: VmDisk, name: string): Promise<void> {
  const progress = new Progress(tools, `rolling '${spec}' back`);
  await tools.withLock({ cluster: image.cluster, pool: image.pool, image: image.name }, async () => {
    await refuseWatchers(tools, image.cluster, image, 'rolled back', 0);
    await tools.run(rbd(image.cluster, 'snap', 'rollback', `${spec}@${name}`), {
      onProgress: (line) => progress.line(line),
    });
  });
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
