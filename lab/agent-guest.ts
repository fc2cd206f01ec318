import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import {
  copyModules,
  KERNEL_LINE,
  kernelPackage,
  makeArchive,
  removeOther,
  unpackKernel,
  writeBootMenu,
} from './guest';
import { downloadPackage } from './packages';

const SCRIPT = join(__dirname, 'agent-guest.sh');
const INIT = join(__dirname, 'guest-init.sh');
const AGENT = 'usr/sbin/qemu-ga';

/**
 * The lab's quick guest with Debian's qemu-ga: a second initramfs on the same image, because other VMs should not pay
 * for it at boot. It writes to the ext4 file system on its disk vdb once a second, and says so.
 */
export async function agentGuest(quickGuestImage: string): Promise<string> {
  const kernel = await kernelPackage('cloud');
  const hash = createHash('sha256').update(basename(kernel));
  for (const source of [SCRIPT, INIT, __filename, quickGuestImage]) hash.update(await readFile(source));
  const image = join(dirname(kernel), 'agent', `guest-${hash.digest('hex').slice(0, 12)}.img`);
  if (existsSync(image)) return image;
  const work = await mkdtemp(join(tmpdir(), 'clc-agent-'));
  try {
    const [made, package_] = [join(work, 'guest.img'), await downloadPackage('qemu-guest-agent', work)];
    await copyFile(quickGuestImage, made);
    await unpackKernel('cloud', work);
    await execa('mcopy', ['-i', made, await makeInitramfs(work, package_), '::/agent']);
    await writeBootMenu(made, KERNEL_LINE, '/initrd,/agent');
    await mkdir(dirname(image), { recursive: true });
    await removeOther(image);
    await copyFile(made, `${image}.${process.pid}`);
    await rename(`${image}.${process.pid}`, image);
    return image;
  } finally {
    await rm(work, { recursive: true });
  }
}

async function makeInitramfs(work: string, package_: string): Promise<string> {
  const root = join(work, 'root');
  for (const folder of ['agent-modules', 'data', 'run', 'var/run', 'lib64', 'etc']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await execa('dpkg-deb', ['--fsys-tarfile', package_], { buffer: false }).pipe('tar', [
    ...['--extract', '--directory', root, `./${AGENT}`],
  ]);
  // It uses QEMU's own libraries, which come with the lab's packages.
  const { stdout } = await execa('ldd', [join(root, AGENT)]);
  for (const [library] of stdout.matchAll(/\/\S+\.so\S*/g)) {
    await mkdir(join(root, dirname(library)), { recursive: true });
    await cp(library, join(root, library), { dereference: true });
  }
  await copyModules(work, join(root, 'agent-modules'), {
    all: ['pvpanic-mmio', 'virtio_console', 'crc32c_generic', 'ext4'],
  });
  await copyFile(INIT, join(root, 'lab-init'));
  await copyFile(SCRIPT, join(root, 'agent.sh'));
  // Background processes read from /dev/null.
  const init = '#!/bin/sh\n/bin/busybox mount -t devtmpfs dev /dev\n/bin/sh /agent.sh &\nexec /bin/sh /lab-init\n';
  await writeFile(join(root, 'init'), init, { mode: 0o755 });
  return makeArchive(root, join(work, 'agent'));
}
