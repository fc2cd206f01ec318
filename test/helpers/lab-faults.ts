import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { LabInfo } from '../../lab/lab';
import { processesOf } from '../../lab/processes';
import { virsh, wordsInto } from './lab';
import { until } from './until';

type CephDaemon = 'ceph-mon' | 'ceph-mgr' | 'ceph-osd';

/** Kills a daemon of the cluster and keeps it down while `work` runs. */
export async function withoutDaemon<T>(lab: LabInfo, daemon: CephDaemon, work: () => Promise<T>): Promise<T> {
  const hold = join(lab.folder, 'ceph', `${daemon}.hold`);
  writeFileSync(hold, '');
  const found = (await processesOf(lab.folder)).filter(({ command }) => command === daemon);
  found.forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
  try {
    return await work();
  } finally {
    rmSync(hold);
    for (let tries = 0; tries < 120 && !(await isUp(lab)); tries++) await sleep(500);
  }
}

/** Monitor and OSD answer. */
async function isUp({ cephConf }: LabInfo): Promise<boolean> {
  const args = ['--conf', cephConf, '--connect-timeout', '5', 'status', '--format', 'json'];
  const { stdout, exitCode } = await execa('ceph', args, { reject: false });
  return exitCode === 0 && JSON.parse(stdout).osdmap.num_up_osds === 1;
}

/** Kills the first host's libvirtd, which the lab starts again at once; VMs run on, an rbd storage pool is inactive then. */
export async function restartLibvirtd(lab: LabInfo): Promise<void> {
  const file = join(lab.folder, 'kvm1', 'run', 'libvirtd.pid');
  const pid = (): string => {
    try {
      return readFileSync(file, 'utf8').trim();
    } catch {
      return '';
    }
  };
  const before = pid();
  process.kill(Number(before), 'SIGTERM');
  for (let tries = 0; tries < 100; tries++) {
    if (pid() !== before && (await answers(lab))) return;
    await sleep(200);
  }
  throw new Error('libvirtd of the lab did not come back within 20 s');
}

async function answers(lab: LabInfo): Promise<boolean> {
  return virsh(lab, 0, 'list').then(
    () => true,
    () => false,
  );
}

/** Keeps the first host's libvirtd down while `work` runs; its VMs run on. */
export async function withoutLibvirtd<T>(lab: LabInfo, work: () => Promise<T>): Promise<T> {
  const folder = join(lab.folder, 'kvm1');
  const hold = join(folder, 'libvirtd.hold');
  writeFileSync(hold, '');
  process.kill(Number(readFileSync(join(folder, 'run', 'libvirtd.pid'), 'utf8')), 'SIGTERM');
  try {
    await until('libvirtd is down', async () => !(await answers(lab)));
    return await work();
  } finally {
    rmSync(hold);
    await until('libvirtd is back', () => answers(lab));
  }
}

/** On the first host of the lab, in its mount namespace. */
export async function onLabHost(lab: LabInfo, ...argv: string[]): Promise<string> {
  const [file = '', ...args] = [...wordsInto(lab), ...argv];
  return (await execa(file, args)).stdout;
}
