import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { buildBootSectorGuest, type BootSectorImages } from './boot-sector-guest';
import { type GuestKernel, kernelPackageFile } from './packages';

export interface GuestImages extends BootSectorImages {
  /** A raw image of 64 MiB that boots by BIOS. */
  readonly guestImage: string;
  readonly guestImageSha256: string;
  /** The same guest, which boots in half the time, but sees neither SATA nor USB disks. */
  readonly quickGuestImage: string;
}

/** First what the guest needs to be reachable and to show its root disk, then the rest. */
const FIRST = ['virtio_pci', 'virtio_blk', 'evdev', 'button'];
const REST = [
  ...['virtio_net', 'virtio_scsi', 'virtio_balloon', 'virtio-rng', 'sd_mod', 'sr_mod', 'ahci', 'ata_piix'],
  ...['ehci-pci', 'uhci-hcd', 'xhci-pci', 'usb-storage', 'e1000', 'vfat', 'nls_cp437', 'nls_ascii', 'isofs'],
];
const FOLDERS = [
  ...['block', 'scsi', 'ata', 'virtio', 'net', 'input', 'acpi', 'char', 'cdrom', 'thermal', 'misc'].map(
    (name) => `drivers/${name}`,
  ),
  ...['block', 'fs', 'lib', 'crypto', 'net/core', 'arch'],
];
/** Which the cloud kernel does not have. */
const FOLDERS_OF_FULL = ['drivers/usb', 'drivers/hwmon'];
const INIT = join(__dirname, 'guest-init.sh');
export const KERNEL_LINE = 'console=ttyS0 quiet loglevel=3 mitigations=off nokaslr no_timer_check tsc=reliable edd=off';

/** The images are built once for each kernel and each state of this code, and copied into the lab. */
export async function buildGuest(lab: string): Promise<GuestImages> {
  const guestImage = join(lab, 'guest.img');
  const quickGuestImage = join(lab, 'guest-quick.img');
  await copyFile(await cachedImage('full', join(lab, 'guest-build')), guestImage);
  await copyFile(await cachedImage('cloud', join(lab, 'guest-build')), quickGuestImage);
  return {
    guestImage,
    guestImageSha256: await sha256(guestImage),
    quickGuestImage,
    ...(await buildBootSectorGuest(lab)),
  };
}

async function cachedImage(kernel: GuestKernel, work: string): Promise<string> {
  const file = await kernelPackage(kernel);
  const hash = createHash('sha256').update(basename(file));
  for (const source of [INIT, __filename]) {
    hash.update(await readFile(source));
  }
  const cached = join(dirname(file), `guest-${kernel}-${hash.digest('hex').slice(0, 12)}.img`);
  if (!existsSync(cached)) {
    await build(kernel, cached, work);
  }
  return cached;
}

/** Its file; throws if it was not downloaded. */
export async function kernelPackage(kernel: GuestKernel): Promise<string> {
  const file = await kernelPackageFile(kernel);
  if (file === undefined) throw new Error('a guest has no kernel: --install downloads it');
  return file;
}

async function build(guestKernel: GuestKernel, image: string, work: string): Promise<void> {
  await mkdir(work);
  try {
    await unpackKernel(guestKernel, work);
    const boot = join(work, 'boot');
    const kernel = (await readdir(boot)).find((name) => name.startsWith('vmlinuz'));
    await makeInitramfs(work);
    const made = join(work, 'guest.img');
    await execa('truncate', ['--size', '64M', made]);
    await execa('mkfs.vfat', ['-F', '16', '-n', 'LABGUEST', made]);
    await execa('syslinux', ['--install', made]);
    await execa('mcopy', ['-i', made, join(boot, kernel ?? ''), '::/vmlinuz']);
    await execa('mcopy', ['-i', made, join(work, 'initramfs'), '::/initrd']);
    await writeBootMenu(made, KERNEL_LINE);
    await removeOther(image);
    const partial = `${image}.${process.pid}`; // a lab's folder may be on another file system
    await copyFile(made, partial);
    await rename(partial, image);
  } finally {
    await rm(work, { recursive: true });
  }
}

/**
 * Removes the images of the same guest that an earlier kernel or an earlier version of this code made, but not what
 * another lab has just built or is about to build.
 */
export async function removeOther(image: string): Promise<void> {
  const [folder, own] = [dirname(image), basename(image)];
  const guest = own.slice(0, own.lastIndexOf('-') + 1);
  const others = (await readdir(folder)).filter((name) => name.startsWith(guest) && /-[0-9a-f]{12}\.img$/.test(name));
  for (const other of others.filter((name) => name !== own)) {
    await rm(join(folder, other), { force: true });
  }
}

export async function unpackKernel(kernel: GuestKernel, work: string): Promise<void> {
  const folders = [...FOLDERS, ...(kernel === 'full' ? FOLDERS_OF_FULL : [])];
  const wanted = folders.map((folder) => `./lib/modules/*/kernel/${folder}/*`);
  const tar = ['--extract', '--directory', work, '--wildcards', './boot/vmlinuz*', ...wanted];
  await execa('dpkg-deb', ['--fsys-tarfile', await kernelPackage(kernel)], { buffer: false }).pipe('tar', tar);
}

async function makeInitramfs(work: string): Promise<void> {
  const root = join(work, 'root');
  for (const folder of ['bin', 'proc', 'sys', 'dev', 'mnt', 'modules']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await copyFile('/bin/busybox', join(root, 'bin/busybox'));
  await symlink('busybox', join(root, 'bin/sh'));
  await copyFile(INIT, join(root, 'init'));
  await execa('chmod', ['755', join(root, 'init')]);
  await copyModules(work, join(root, 'modules'), { first: FIRST, rest: REST });
  await makeArchive(root, join(work, 'initramfs'));
}

/** A folder as an initramfs, or as an addition to another one. */
export async function makeArchive(root: string, file: string): Promise<string> {
  const options = { cwd: root, shell: '/bin/bash', env: { FILE: file } };
  await execa(`set -o pipefail; find . | cpio --quiet -o -H newc -R 0:0 | gzip -9 >"$FILE"`, options);
  return file;
}

/** Each list names its modules after the modules that they depend on. */
export async function copyModules(
  work: string,
  target: string,
  lists: { readonly [list: string]: readonly string[] },
): Promise<void> {
  const { stdout } = await execa('find', [join(work, 'lib/modules'), '-name', '*.ko']);
  const files = new Map(stdout.split('\n').map((file) => [moduleName(basename(file, '.ko')), file]));
  const placed = new Set<string>();
  const place = async (name: string, order: string[]): Promise<void> => {
    const file = files.get(name);
    if (placed.has(name) || !file) {
      return;
    }
    placed.add(name);
    const needs = (await execa('modinfo', ['-F', 'depends', file])).stdout.split(',').filter(Boolean);
    for (const need of needs.map(moduleName)) {
      await place(need, order);
    }
    await copyFile(file, join(target, `${name}.ko`));
    order.push(name);
  };
  for (const [list, names] of Object.entries(lists)) {
    const order: string[] = [];
    for (const name of names.map(moduleName)) {
      await place(name, order);
    }
    await writeFile(join(target, list), `${order.join('\n')}\n`);
  }
}

const moduleName = (name: string): string => name.replaceAll('-', '_');

export async function writeBootMenu(image: string, kernelLine: string, initrd = '/initrd'): Promise<void> {
  const input = `DEFAULT guest\nPROMPT 0\nTIMEOUT 0\nLABEL guest\n  LINUX /vmlinuz\n  INITRD ${initrd}\n  APPEND ${kernelLine}\n`;
  await execa('mcopy', ['-o', '-i', image, '-', '::/syslinux.cfg'], { input });
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
