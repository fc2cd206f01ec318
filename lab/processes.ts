import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** In the environment of each process that the lab starts; its value is the lab's folder. */
export const MARK = 'CDKTF_LIBVIRT_CEPH_LAB';
/** Under the run folder of each host's namespace, for the QEMUs: libvirt gives them an environment of its own. */
export const MARK_FILE = 'run/cdktf-libvirt-ceph-lab';
/** While this file is in the lab's folder, keep.sh starts nothing. */
const STOPPING_FILE = 'stopping';
const DAEMON = /^(ceph-(mon|mgr|osd|mds)|radosgw|libvirtd|virt(?!iofsd)\w+d)$/;

export interface Process {
  readonly pid: number;
  readonly command: string;
  /** The lab that it belongs to; undefined if none. */
  readonly lab?: string;
}

export async function listProcesses(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(describe));
  return found.filter((each): each is Process => each !== undefined);
}

async function describe(pid: number): Promise<Process | undefined> {
  const stat = await textOf(`/proc/${pid}/stat`);
  const [, command = '', state] = /\((.*)\) (\w)/s.exec(stat) ?? [];
  if (!state || 'ZX'.includes(state)) {
    return undefined;
  }
  const environment = (await textOf(`/proc/${pid}/environ`)).split('\0');
  const marked = environment.find((entry) => entry.startsWith(`${MARK}=`))?.slice(MARK.length + 1);
  return { pid, command, lab: marked ?? ((await textOf(`/proc/${pid}/root/${MARK_FILE}`)).trim() || undefined) };
}

/** Distinguishes a process from a later one with the same number; undefined if it has ended. */
export async function startOf(pid: number): Promise<string | undefined> {
  const fields = (await textOf(`/proc/${pid}/stat`)).replace(/.*\) /s, '').split(' ');
  return fields[0] && !'ZX'.includes(fields[0]) ? fields[19] : undefined;
}

/** A process may end, and a kernel thread has neither environment nor root, so there may be nothing to read. */
async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

export async function processesOf(folder: string): Promise<Process[]> {
  return (await listProcesses()).filter((each) => each.lab === folder && each.pid !== process.pid);
}

/**
 * Ceph and libvirt daemons that no lab of ours started. A daemon that is just starting or ending has no environment, so
 * one counts only if it has none of our marks a second later either.
 */
export async function foreignDaemons(): Promise<Process[]> {
  const first = await unmarkedDaemons();
  if (first.length === 0) return first;
  await sleep(1000);
  const pids = first.map(({ pid }) => pid);
  return (await unmarkedDaemons()).filter(({ pid }) => pids.includes(pid));
}

async function unmarkedDaemons(): Promise<Process[]> {
  return (await listProcesses()).filter((each) => each.lab === undefined && DAEMON.test(each.command));
}

const SUPERVISORS = ['tini', 'keep.sh', 'host.sh'];

/**
 * Ends every process of the lab, however it was started. The supervisors are ended last, because they reap the others:
 * a machine's PID 1 may not. A process that is forked in the meantime is caught in the next round.
 */
export async function endProcesses(folder: string): Promise<void> {
  if (existsSync(folder)) {
    await writeFile(join(folder, STOPPING_FILE), '');
  }
  const rounds = 200;
  for (let round = 0; round < rounds; round++) {
    const left = await processesOf(folder);
    if (left.length === 0) {
      return;
    }
    const workers = left.filter(({ command }) => !SUPERVISORS.includes(command));
    const supervisors = left.filter(({ command }) => command === 'tini');
    if (round > rounds / 2) {
      // A supervisor that has not been told would start its daemon again and again.
      left.forEach(({ pid }) => signal(pid, 'SIGKILL'));
    } else if (workers.length > 0 || supervisors.length === 0) {
      (workers.length > 0 ? workers : left).forEach(({ pid }) => signal(pid, 'SIGKILL'));
    } else {
      supervisors.forEach(({ pid }) => signal(pid, 'SIGTERM'));
    }
    await sleep(100);
  }
  const left = (await processesOf(folder)).map(({ command, pid }) => `${command} (${pid})`);
  throw new Error(`still running after SIGKILL: ${left.join(', ')}; what they wait for is in their /proc/PID/stack`);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}
