import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { terraformBinary } from '../../lib/cli/terraform-stack';

const GIB = 2 ** 30;
const NEEDED_DISK_GIB = 4;
const NEEDED_MEMORY_GIB = 2;

/** What this machine lacks for the demo, one line each; changes nothing. */
export async function lacking(folder: string): Promise<string[]> {
  const disk = await statfs(dirname(folder));
  const free = (disk.bavail * disk.bsize) / GIB;
  return [
    ...(process.platform === 'linux' ? [] : ['Linux: the lab is made of mount namespaces']),
    ...(process.getuid?.() === 0 ? [] : ['root: packages are installed and daemons started']),
    ...(existsSync('/usr/bin/apt-get') ? [] : ["Debian's apt-get: Ceph, libvirt and QEMU come as Debian packages"]),
    ...((await runs(terraformBinary(), 'version'))
      ? []
      : [`${terraformBinary()} in PATH, Terraform 1.5 or later: it applies what cdktf synthesizes`]),
    ...(existsSync('dist/lib/exec.cjs') ? [] : ["the script's bundle: 'npm run build' makes it"]),
    ...(free >= NEEDED_DISK_GIB
      ? []
      : [`disk: ${NEEDED_DISK_GIB} GiB free at ${dirname(folder)}, there are ${free.toFixed(1)}`]),
    ...(freemem() / GIB >= NEEDED_MEMORY_GIB
      ? []
      : [`memory: ${NEEDED_MEMORY_GIB} GiB free, there are ${(freemem() / GIB).toFixed(1)}`]),
  ];
}

async function runs(command: string, ...args: string[]): Promise<boolean> {
  const { failed } = await execa(command, args, { reject: false, env: { CHECKPOINT_DISABLE: '1' } });
  return !failed;
}
