import { isDeepStrictEqual } from 'node:util';
import { isActive } from '../steps/domain/observed-domain';
import { imageInfo } from '../steps/rbd-image/rbd-command';
import { Refusal } from '../steps/tools';
import { refuseWatchers } from '../steps/watchers';
import { rollBackAll } from './roll-back-disks';
import { onCluster } from '../exec/unreachable-monitors';
import { bytesText } from '../model';
import type { VmSession } from './vm-session';
import { lockOf, lookAtVm, type Vm, type VmSnapshot, wholeSnapshot } from './vm';

/** Asks the person, with what would be lost; throws if the answer is no. */
export type Confirm = (losses: readonly string[]) => Promise<void>;

/** Rolls back every disk of a VM; refuses while anything uses one of them. Returns the VM as found. */
export async function rollBackVm(session: VmSession, before: Vm, name: string, confirm: Confirm): Promise<Vm> {
  const { spec } = before;
  return onCluster(spec.cluster, session.tools, async () => {
    await refuseUse(session, before);
    const target = await wholeSnapshot(before, name, session.tools);
    await confirm(await losses(session, before, target));
    return session.tools.withLock(lockOf(before), async () => {
      const vm = await lookAtVm(spec, session.tools);
      await refuseUse(session, vm);
      refuseChangedSnapshot(vm, target, await wholeSnapshot(vm, name, session.tools));
      await rollBackAll(session, vm, name);
      return vm;
    });
  });
}

/** The person confirmed what was shown, possibly long ago. */
function refuseChangedSnapshot({ spec }: Vm, confirmed: VmSnapshot, now: VmSnapshot): void {
  if (isDeepStrictEqual(confirmed.disks, now.disks)) return;
  throw new Refusal(
    `the disks of VM '${spec.name}', or their snapshots '${now.name}', have changed since they were shown; nothing was changed`,
    "run 'rollback' again",
    'changed-meanwhile',
  );
}

async function refuseUse({ tools }: VmSession, { spec, found, disks }: Vm): Promise<void> {
  const { name, host } = spec;
  if (found && isActive(found)) {
    const next = `shut it down ('virsh --connect ${host.uri} shutdown ${name}'), then try again`;
    throw new Refusal(`VM '${name}' cannot be rolled back: it is ${found.state}`, next, 'vm-not-off');
  }
  if (found?.managedSave) {
    // New memory with old disks would corrupt the file systems.
    const next = `discard it ('virsh --connect ${host.uri} managedsave-remove ${name}'), or start it and shut it down`;
    throw new Refusal(
      `VM '${name}' cannot be rolled back: it would resume from its saved memory`,
      next,
      'saved-memory',
    );
  }
  for (const { image } of disks) await refuseWatchers(tools, image.cluster, image, 'rolled back');
}

async function losses({ tools }: VmSession, vm: Vm, target: VmSnapshot): Promise<string[]> {
  const lines: string[] = [];
  for (const disk of vm.disks) {
    const then = target.disks[disk.target];
    const now = (await imageInfo(tools, disk.image))?.size;
    if (then === undefined) continue;
    const grown =
      now === undefined || now === then.size
        ? ''
        : `, and its size goes from ${bytesText(now)} to ${bytesText(then.size)}`;
    lines.push(`${disk.target}: '${disk.imageSpec}' loses everything written since ${then.taken}${grown}`);
  }
  return lines;
}
