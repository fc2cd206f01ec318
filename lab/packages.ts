import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';

/** What the lab runs, by Debian's names; `down` leaves them installed. */
export const LAB_PACKAGES: readonly string[] = [
  ...['libvirt-daemon-system', 'libvirt-daemon-driver-storage-rbd', 'libvirt-clients', 'virtinst', 'libxml2-utils'],
  ...['qemu-system-x86', 'qemu-block-extra', 'qemu-utils', 'ovmf', 'swtpm', 'swtpm-tools'],
  ...[
    'ceph-mon',
    'ceph-osd',
    'ceph-mgr',
    'ceph-common',
    'tini',
    'iproute2',
    'openssh-server',
    'openssh-client',
    'sudo',
  ],
  ...['busybox-static', 'syslinux', 'mtools', 'dosfstools', 'cpio', 'kmod', 'strace', 'psmisc', 'binutils'],
  ...['xz-utils', 'zstd', 'bzip2', 'mmdebstrap', 'fdisk', 'e2fsprogs', 'dnsmasq-base', 'genisoimage'],
];

/**
 * The guests' kernels. Only unpacked, never installed: an installed one could become the machine's own at its next
 * boot. The cloud kernel boots in half the time, but supports neither SATA nor USB disks.
 */
const KERNEL_PACKAGES = { full: 'linux-image-amd64', cloud: 'linux-image-cloud-amd64' };
export type GuestKernel = keyof typeof KERNEL_PACKAGES;
const KERNELS = Object.keys(KERNEL_PACKAGES) as GuestKernel[];
export const CACHE_FOLDER = '/var/cache/cdktf-libvirt-ceph-lab';
const POLICY_FILE = '/usr/sbin/policy-rc.d';

/** The package of a guest's kernel, if it was downloaded. */
export async function kernelPackageFile(kernel: GuestKernel): Promise<string | undefined> {
  const names = existsSync(CACHE_FOLDER) ? await readdir(CACHE_FOLDER) : [];
  const name = names
    .filter((each) => each.endsWith('.deb') && each.includes('-cloud-') === (kernel === 'cloud'))
    .sort()
    .at(-1);
  return name && join(CACHE_FOLDER, name);
}

export async function missingPackages(): Promise<string[]> {
  const kernels = await Promise.all(KERNELS.map(async (one) => (await kernelPackageFile(one)) ?? KERNEL_PACKAGES[one]));
  return [...(await missingOf(LAB_PACKAGES)), ...kernels.filter((one) => isKernel(one))];
}

function isKernel(name: string): boolean {
  return Object.values(KERNEL_PACKAGES).includes(name);
}

/** The packages that are not installed. */
export async function missingOf(names: readonly string[]): Promise<string[]> {
  const { stdout } = await execa('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\\n', ...names], {
    reject: false,
  });
  const installed = new Set(stdout.split('\n').filter((line) => line.endsWith(' installed')));
  return names.filter((name) => !installed.has(`${name} installed`));
}

export async function installPackages(missing: readonly string[], say: (line: string) => void): Promise<void> {
  say(`installing ${missing.join(' ')}`);
  const apt = { env: { DEBIAN_FRONTEND: 'noninteractive' }, stdin: 'ignore', all: true } as const;
  await execa('apt-get', ['update', '-qq'], apt);
  const names = missing.filter((name) => !isKernel(name));
  if (names.length > 0) {
    await withoutServices(() => execa('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], apt));
  }
  for (const kernel of missing.filter(isKernel)) await downloadKernel(kernel);
}

async function downloadKernel(metapackage: string): Promise<void> {
  const { stdout } = await execa('apt-cache', ['show', '--no-all-versions', metapackage]);
  const name = /^Depends: .*?(linux-image-[^ ,]+)/m.exec(stdout)?.[1];
  if (!name) {
    throw new Error(`${metapackage} names no kernel package; 'apt-cache show ${metapackage}' tells`);
  }
  const partial = join(CACHE_FOLDER, 'partial');
  await mkdir(partial, { recursive: true });
  const file = await downloadPackage(name, partial);
  await rename(file, join(CACHE_FOLDER, basename(file)));
  await rm(partial, { recursive: true });
}

/** Only downloaded, into a folder that holds no other package; returns the file. */
export async function downloadPackage(name: string, folder: string): Promise<string> {
  const download = () => execa('apt-get', ['download', '-qq', name], { cwd: folder });
  // The package lists are missing, or old and name what no longer exists.
  await download().catch(() => execa('apt-get', ['update', '-qq']).then(download));
  const file = (await readdir(folder)).find((one) => one.endsWith('.deb'));
  if (file === undefined) throw new Error(`'apt-get download ${name}' brought nothing`);
  return join(folder, file);
}

/** Debian's packages start their services when they are installed, unless policy-rc.d says 101. */
async function withoutServices(install: () => Promise<unknown>): Promise<void> {
  const saved = `${POLICY_FILE}.cdktf-libvirt-ceph-lab`;
  if (!existsSync(saved) && existsSync(POLICY_FILE)) {
    await rename(POLICY_FILE, saved);
  }
  try {
    await writeFile(POLICY_FILE, '#!/bin/sh\nexit 101\n');
    await chmod(POLICY_FILE, 0o755);
    await install();
  } finally {
    await rm(POLICY_FILE, { force: true });
    if (existsSync(saved)) {
      await rename(saved, POLICY_FILE);
    }
  }
}
