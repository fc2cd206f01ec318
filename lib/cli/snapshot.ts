import { leftOut } from '../vm-snapshots/left-out';
import { quiescedText } from '../vm-snapshots/quiesce';
import { type Taken, takeSnapshot } from '../vm-snapshots/take';
import { vmSnapshots } from '../vm-snapshots/vm';
import { findVm } from './find-vm';
import type { Result, Session } from './command-session';
import { table } from './table';

/** Takes a snapshot of each disk of a VM, all at one moment. */
export async function snapshot(session: Session, vmName: string, name: string): Promise<Result> {
  return rendered(name, await takeSnapshot(session, await findVm(session, vmName), name));
}

/** The snapshots of a VM, and the disks that each includes. */
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

function rendered(name: string, { vm, how }: Taken): Result {
  const { spec, disks } = vm;
  const without = leftOut(vm);
  const taken = disks.map((disk) => ({ target: disk.target, snapshot: `${disk.imageSpec}@${name}` }));
  return {
    json: { vm: spec.name, name, guest: how, disks: taken, leftOut: without },
    lines: [
      ...taken.map(({ target, snapshot: one }) => `${target}  ${one}`),
      `snapshot '${name}' of VM '${spec.name}': ${quiescedText(how)}`,
      ...(without.length === 0 ? [] : [`not included: ${without.join('; ')}`]),
    ],
    finding: how === 'lapsed',
  };
}
