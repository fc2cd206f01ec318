import { exportSnapshot } from '../vm-snapshots/export';
import { findVm } from './find-vm';
import type { Result, Session } from './command-session';

/** Writes the snapshot of each disk to a file. */
export async function exportCommand(session: Session, vmName: string, name: string, folder: string): Promise<Result> {
  const vm = await findVm(session, vmName);
  const files = await exportSnapshot(session.tools, vm, name, folder);
  return {
    json: { vm: vm.spec.name, name, files },
    lines: files.map(({ target, file }) => `${target}  ${file}`),
  };
}
