import { rollBackVm } from '../vm-snapshots/roll-back';
import { findVm } from './find-vm';
import type { Result, Session } from './command-session';

/** Rolls every disk of a VM back. Says first what would be lost. */
export async function rollback(
  session: Session,
  vmName: string,
  name: string,
  { yes }: { readonly yes?: boolean },
): Promise<Result> {
  const found = await findVm(session, vmName);
  const vm = found.spec.name;
  const { disks } = await rollBackVm(session, found, name, async (losses) => {
    losses.forEach((line) => session.tools.say(line));
    await session.confirm(
      `VM '${vm}' would be rolled back to '${name}'; everything written since would be lost for good`,
      yes,
    );
  });
  return {
    json: { vm, name, disks: disks.map((disk) => ({ target: disk.target, image: disk.imageSpec })) },
    lines: [`VM '${vm}' is rolled back to '${name}': ${disks.map((disk) => disk.imageSpec).join(', ')}`],
  };
}
