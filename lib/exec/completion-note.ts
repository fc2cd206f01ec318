import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Leaves a note that the object's `ensure` has succeeded, in Terraform's own folder, for the confirmation in the same
 * apply; `run` is the id of the object's resource, new each time it is created. Without the note the confirmation only
 * does more work.
 */
export function noteFinished(run: string | undefined): void {
  const file = noteOf(run);
  if (file === undefined) return;
  try {
    writeFileSync(file, '', { flag: 'wx', mode: 0o600 });
  } catch {
    // The disk may be full, for example: the confirmation then runs `ensure` again.
  }
}

/** True if there is such a note; this also removes it. */
export function takeNote(run: string | undefined): boolean {
  const file = noteOf(run);
  if (file === undefined) return false;
  try {
    rmSync(file);
    return true;
  } catch {
    return false;
  }
}

function noteOf(run = ''): string | undefined {
  if (!/^[0-9a-f-]{36}$/.test(run)) return undefined;
  return join(process.env['TF_DATA_DIR'] ?? '.terraform', `cdktf-libvirt-ceph-${run}.done`);
}
