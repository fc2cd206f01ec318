import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { MARK } from './processes';

export const KEEP = join(__dirname, 'keep.sh');

/** Starts a program that outlives this one and adopts its orphans: not every machine's PID 1 reaps them. */
export function startDetached(lab: string, program: readonly string[], wrapper: readonly string[] = []): number {
  const [file = '', ...args] = [...wrapper, 'tini', '-s', '--', ...program];
  const options = { detached: true, cleanup: false, stdio: 'ignore', reject: false } as const;
  // A machine's daemons don't know a user's TMPDIR; what libvirt runs as another user (swtpm) could not write to it.
  const child = execa(file, args, { ...options, cwd: '/', env: { [MARK]: lab, TMPDIR: undefined } });
  child.unref();
  if (child.pid === undefined) {
    throw new Error(`cannot start ${file}: is it installed?`);
  }
  return child.pid;
}

export async function waitUntil(what: string, seconds: number, ready: () => Promise<boolean>, logs: string) {
  const deadline = Date.now() + seconds * 1000;
  while (!(await ready())) {
    if (Date.now() > deadline) {
      throw new Error(`${what} did not come up within ${seconds} s; its logs are in ${logs}`);
    }
    await sleep(200);
  }
}
