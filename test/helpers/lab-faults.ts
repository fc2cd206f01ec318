import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { LabInfo } from '../../lab/lab';
import { processesOf } from '../../lab/processes';
import { virsh, wordsInto } from './lab';
import { until } from './until';

type CephDaemon = 'ceph-mon' | 'ceph-osd';

/** Kills a daemon of the cluster and keeps it down while `work` runs. */
export async function withoutDaemon<T>(lab: LabInfo, daemon: CephDaemon, work: () => Promise<T>): Promise<T> {
  const hold = join(lab.folder, 'ceph', `${daemon}.hold`);
  writeFileSync(hold, '');
  try {
    const found = (await processesOf(lab.folder)).filter(({ command }) => command === daemon);
    found.forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
    return await work();
  } finally {
    rmSync(hold);
    await until(`${daemon} is back`, () => askOsd(lab), 500);
  }
}

/** Fails unless monitor and OSD answer: in the map a killed OSD stays up, because no other OSD notices. */
function askOsd({ cephConf }: LabInfo): Promise<unknown> {
  const args = ['--conf', cephConf, '--connect-timeout', '5', 'tell', 'osd.0', 'version'];
  return execa('ceph', args, { timeout: 10_000 });
}

/**
 * Kills the first host's libvirtd, which the lab starts again at once; VMs keep running, and an rbd storage pool is
 * then inactive.
 */
export async function restartLibvirtd(lab: LabInfo): Promise<void> {
  const before = libvirtdPid(lab);
  process.kill(before, 'SIGTERM');
  await until('libvirtd is back', async () => libvirtdPid(lab) !== before && (await answers(lab)));
}

/** Throws if the file contains none: 0 would be the process group of the tests. */
function libvirtdPid(lab: LabInfo, index = 0): number {
  const file = join(lab.folder, `kvm${index + 1}`, 'run', 'libvirtd.pid');
  const pid = Number(readFileSync(file, 'utf8'));
  if (pid > 1) return pid;
  throw new Error(`no pid of libvirtd in ${file}`);
}

async function answers(lab: LabInfo, index = 0): Promise<boolean> {
  return virsh(lab, index, 'list').then(
    () => true,
    () => false,
  );
}

/** Keeps a host's libvirtd down, by default the first's, while `work` runs; its VMs keep running. */
export async function withoutLibvirtd<T>(lab: LabInfo, work: () => Promise<T>, index = 0): Promise<T> {
  const hold = join(lab.folder, `kvm${index + 1}`, 'libvirtd.hold');
  writeFileSync(hold, '');
  try {
    process.kill(libvirtdPid(lab, index), 'SIGTERM');
    await until('libvirtd is down', async () => !(await answers(lab, index)));
    return await work();
  } finally {
    rmSync(hold);
    await until('libvirtd is back', () => answers(lab, index));
  }
}

/** On the first host of the lab, in its mount namespace. */
export async function onLabHost(lab: LabInfo, ...argv: string[]): Promise<string> {
  const [file = '', ...args] = [...wordsInto(lab), ...argv];
  return (await execa(file, args)).stdout;
}
