import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Children } from './children';
import { Stopped } from './children';

/** Milliseconds between two checks of the parent. */
const INTERVAL = 500;
const SHELLS = /^-?(sh|dash|bash|ash|busybox|zsh|ksh|mksh)$/;

/**
 * Stops the children when whoever started the script has died, unless the script is to finish anyway (`finishes`).
 * Terraform starts a shell that may stay in between (`sh -c`) and outlives a `kill -9` of Terraform, so its parent is
 * watched as well.
 */
export function watchParent(children: Children, finishes: () => boolean = () => false): void {
  const parent = process.ppid;
  const shell = SHELLS.test(fieldOf(parent, 'comm')) ? parent : undefined;
  const grandparent = shell === undefined ? undefined : parentOf(shell);
  const timer = setInterval(() => {
    const orphaned =
      process.ppid !== parent || (shell !== undefined && grandparent !== undefined && left(shell, grandparent));
    if (orphaned && !finishes()) children.stopAll(new Stopped('the process that started it has ended', 1));
  }, INTERVAL);
  timer.unref();
}

/** Stops the children at SIGINT, SIGTERM and SIGHUP. */
export function watchSignals(children: Children): void {
  const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
  for (const [signal, exitCode] of Object.entries(codes)) {
    process.on(signal, () => children.stopAll(new Stopped(`it was stopped by ${signal}`, exitCode)));
  }
}

function left(shell: number, grandparent: number): boolean {
  if (process.platform === 'linux') return parentOf(shell) !== grandparent;
  try {
    process.kill(grandparent, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function parentOf(pid: number): number | undefined {
  const parent = Number(fieldOf(pid, 'ppid'));
  return Number.isInteger(parent) && parent > 0 ? parent : undefined;
}

/** Empty if there is no such process. */
function fieldOf(pid: number, field: 'comm' | 'ppid'): string {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8' })
        .trim()
        .replace(/.*\//, '');
    }
    // The name, in parentheses, may contain anything.
    const [, comm = '', ppid = ''] = /\((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return field === 'comm' ? comm : ppid;
  } catch {
    return '';
  }
}
