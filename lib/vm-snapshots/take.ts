import { NAME_FORMS } from '../model';
import { rbd } from '../steps/commands';
import { CLONE_SNAPSHOT } from '../steps/rbd-image/clone';
import { refuseHalfRolledBack } from '../steps/rollback-mark';
import { Refusal, ToolError } from '../steps/tools';
import type { VmDisk } from './disks';
import { onCluster } from '../exec/unreachable-monitors';
import type { VmSession } from './vm-session';
import { type Quiesced, whileQuiesced } from './quiesce';
import { lockOf, lookAtVm, type Vm, vmSnapshots } from './vm';

/** Seconds for the snapshot of one disk: the guest waits for it. */
const SNAPSHOT = 30;
/** `rbd`'s exit codes if there is one already, and if there is none. */
const EXISTS = 17;
const ABSENT = 2;

/** A snapshot that was taken, and how the VM was kept from writing. */
export interface Taken {
  readonly vm: Vm;
  readonly how: Quiesced;
}

/** Takes a snapshot of each disk of a VM at one moment; all of them or none. */
export async function takeSnapshot(session: VmSession, found: Vm, name: string): Promise<Taken> {
  checkName(name);
  const { spec } = found;
  return session.tools.withLock(lockOf(found), async () => {
    const vm = await lookAtVm(spec, session.tools);
    await refuseTaken(session, vm, name);
    const images = vm.disks.map((disk) => disk.imageSpec);
    await onCluster(spec.cluster, session.tools, () => refuseHalfRolledBack(spec, images, session.tools));
    const how = await whileQuiesced(session, vm, () =>
      onCluster(spec.cluster, session.tools, () => takeAll(session, vm.disks, name)),
    );
    return { vm, how };
  });
}

function checkName(name: string): void {
  const { pattern, rule } = NAME_FORMS.cephName;
  if (pattern.test(name) && name !== CLONE_SNAPSHOT) return;
  throw new Refusal(
    `'${name}' is not a valid snapshot name`,
    `it must be ${rule}, and not '${CLONE_SNAPSHOT}'`,
    'name-form',
  );
}

async function refuseTaken({ tools }: VmSession, vm: Vm, name: string): Promise<void> {
  if (vm.disks.length === 0) {
    throw new Refusal(
      `VM '${vm.spec.name}' has no RBD disk that it can write to`,
      'there is nothing to snapshot',
      'no-disk',
    );
  }
  const taken = (await vmSnapshots(vm, tools)).find((one) => one.name === name);
  if (taken === undefined) return;
  const specs = Object.values(taken.disks).map(({ spec }) => spec);
  const remove = specs.map((spec) => `rbd snap rm ${spec}`).join(' && ');
  throw new Refusal(
    `snapshot ${specs.map((one) => `'${one}'`).join(', ')} already exists`,
    `choose another name, or remove it: '${remove}'`,
    'name-taken',
  );
}

/** If one fails, even through an interruption, the others are removed again. */
async function takeAll(session: VmSession, disks: readonly VmDisk[], name: string): Promise<void> {
  const begun: VmDisk[] = [];
  try {
    for (const disk of disks) {
      begun.push(disk);
      const command = rbd(disk.image.cluster, 'snap', 'create', '--no-progress', `${disk.imageSpec}@${name}`);
      // Not ended by an interruption: a snapshot in progress would still appear, after the check for it.
      const outcome = await session.cleanUp(command, SNAPSHOT);
      session.children.stopped.throwIfAborted();
      if (outcome.exitCode !== 0) throw new ToolError(command, outcome);
    }
  } catch (error) {
    // One that another program made meanwhile belongs to that.
    if (error instanceof ToolError && error.outcome.exitCode === EXISTS) begun.pop();
    for (const disk of begun) await takeBack(session, disk, name);
    throw error;
  }
}

async function takeBack(session: VmSession, { image, imageSpec }: VmDisk, name: string): Promise<void> {
  const { exitCode, stderr } = await session.cleanUp(
    rbd(image.cluster, 'snap', 'rm', '--no-progress', `${imageSpec}@${name}`),
    SNAPSHOT,
  );
  if (exitCode === 0 || exitCode === ABSENT) return;
  session.tools.warn(`'rbd snap rm ${imageSpec}@${name}' must still be run: ${stderr.trim()}`);
}
