import { cephName } from '../steps/shape';
import { rbd } from '../steps/commands';
import { kindSteps } from '../steps/kinds';
import { CLONE_SNAPSHOT } from '../steps/rbd-image/clone';
import { refuseHalfRolledBack } from '../steps/rollback-mark';
import { Refusal, ToolError } from '../steps/tools';
import type { VmDisk } from './disks';
import { NAME_RULE, onCluster, type Result, type Session } from './session';
import { type Stillness, stillText, whileStill } from './still';
import { table } from './table';
import { findVm, lookAtVm, type Vm, vmSnapshots } from './vm';

/** Seconds for the snapshot of one disk: the guest waits for it. */
const SNAPSHOT = 30;
/** How `rbd` ends when there is one already, and when there is none. */
const EXISTS = 17;
const ABSENT = 2;

/** One snapshot of each disk of a VM, all of one moment; all of them or none. */
export async function snapshot(session: Session, vmName: string, name: string): Promise<Result> {
  checkName(name);
  const found = await findVm(session, vmName);
  const { spec } = found;
  return session.tools.withLock(lockOf(found), async () => {
    const vm = await lookAtVm(spec, session.tools);
    await refuseTaken(session, vm, name);
    const images = vm.disks.map((disk) => disk.spec);
    await onCluster(spec.cluster, session.tools, () => refuseHalfRolledBack(spec, images, session.tools));
    const how = await whileStill(session, vm, () =>
      onCluster(spec.cluster, session.tools, () => takeAll(session, vm.disks, name)),
    );
    return rendered(vm, name, how);
  });
}

/** The snapshots of a VM, and which of its disks each holds. */
export async function listSnapshots(session: Session, vmName: string): Promise<Result> {
  const vm = await findVm(session, vmName);
  const all = await vmSnapshots(vm, session.tools);
  const rows = all.map(({ name, disks }) => {
    const without = vm.disks.filter(({ target }) => disks[target] === undefined).map(({ target }) => target);
    const held = Object.keys(disks).join(' ');
    return [
      name,
      Object.values(disks)[0]?.taken ?? '',
      without.length === 0 ? held : `${held} (not ${without.join(' ')})`,
    ];
  });
  const none = [`VM '${vm.spec.name}' has no snapshot`];
  return { json: all, lines: rows.length === 0 ? none : table(['NAME', 'TAKEN', 'DISKS'], rows) };
}

/** The lock under which `ensure` and `remove` of the VM run: an apply neither starts nor changes it meanwhile. */
export function lockOf({ spec }: Pick<Vm, 'spec'>) {
  const steps = kindSteps('domain');
  if (steps === undefined) throw new Error('there are no steps of a domain');
  return steps.lock(spec);
}

function checkName(name: string): void {
  if (cephName.accepts(name) && name !== CLONE_SNAPSHOT) return;
  throw new Refusal(`'${name}' cannot be the name of a snapshot`, `${NAME_RULE}, and not '${CLONE_SNAPSHOT}'`);
}

async function refuseTaken({ tools }: Session, vm: Vm, name: string): Promise<void> {
  if (vm.disks.length === 0) {
    throw new Refusal(`VM '${vm.spec.name}' has no RBD disk that it can write to`, 'there is nothing to take');
  }
  const taken = (await vmSnapshots(vm, tools)).find((one) => one.name === name);
  if (taken === undefined) return;
  const specs = Object.values(taken.disks).map(({ spec }) => spec);
  const remove = specs.map((spec) => `rbd snap rm ${spec}`).join(' && ');
  throw new Refusal(
    `snapshot ${specs.map((one) => `'${one}'`).join(', ')} is there already`,
    `take another name, or remove it: '${remove}'`,
  );
}

/** Those that were made go again when one fails, also when that is an interruption. */
async function takeAll(session: Session, disks: readonly VmDisk[], name: string): Promise<void> {
  const begun: VmDisk[] = [];
  try {
    for (const disk of disks) {
      begun.push(disk);
      const command = rbd(disk.image.cluster, 'snap', 'create', '--no-progress', `${disk.spec}@${name}`);
      // An interruption does not end it: a snapshot that is under way comes all the same, after it was looked for.
      const outcome = await session.cleanUp(command, SNAPSHOT);
      session.children.stopped.throwIfAborted();
      if (outcome.exitCode !== 0) throw new ToolError(command, outcome);
    }
  } catch (error) {
    // One that somebody else has made meanwhile is theirs.
    if (error instanceof ToolError && error.outcome.exitCode === EXISTS) begun.pop();
    for (const disk of begun) await takeBack(session, disk, name);
    throw error;
  }
}

async function takeBack(session: Session, { image, spec }: VmDisk, name: string): Promise<void> {
  const { exitCode, stderr } = await session.cleanUp(
    rbd(image.cluster, 'snap', 'rm', '--no-progress', `${spec}@${name}`),
    SNAPSHOT,
  );
  if (exitCode === 0 || exitCode === ABSENT) return;
  session.tools.warn(`'rbd snap rm ${spec}@${name}' is left to do: ${stderr.trim()}`);
}

function rendered({ spec, disks }: Vm, name: string, how: Stillness): Result {
  const taken = disks.map((disk) => ({ target: disk.target, snapshot: `${disk.spec}@${name}` }));
  return {
    json: { vm: spec.name, name, guest: how, disks: taken },
    lines: [
      ...taken.map(({ target, snapshot: one }) => `${target}  ${one}`),
      `snapshot '${name}' of VM '${spec.name}': ${stillText(how)}`,
    ],
    finding: how === 'lapsed',
  };
}
