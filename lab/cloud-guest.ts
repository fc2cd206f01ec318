import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { CACHE_FOLDER, downloadPackage } from './packages';

/**
 * What Debian's own cloud images contain: their kernel, cloud-init, an agent. cloud-init passes netplan its network
 * configuration.
 */
const PACKAGES = [
  ...['usr-is-merged', 'linux-image-cloud-amd64', 'systemd', 'systemd-sysv', 'udev', 'dbus'],
  ...[
    'cloud-init',
    'cloud-guest-utils',
    'netplan.io',
    'iproute2',
    'openssh-server',
    'e2fsprogs',
    'fdisk',
    'sudo',
    'qemu-guest-agent',
  ],
];
const LEFT_OUT = [
  ...['doc', 'man', 'locale', 'info', 'zoneinfo', 'bash-completion', 'i18n'].map((name) => `/usr/share/${name}/*`),
  ...['drivers/net/ethernet', 'drivers/infiniband', 'drivers/gpu', 'sound', 'net/bluetooth', 'net/wireless'].map(
    (name) => `/lib/modules/*/kernel/${name}/*`,
  ),
];
/**
 * What secure boot starts: the shim that Microsoft signed, and the GRUB and the kernel that Debian signed. Only
 * unpacked: if installed, they would try to install a boot loader on a machine.
 */
const SIGNED: readonly (readonly [package_: string, file: string, as: string])[] = [
  ['shim-signed', 'usr/lib/shim/shimx64.efi.signed', '/EFI/BOOT/BOOTX64.EFI'],
  ['grub-efi-amd64-signed', 'usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed', '/EFI/BOOT/grubx64.efi'],
];
/** The folder in which Debian's signed GRUB looks for its menu. */
const MENU = '/EFI/debian/grub.cfg';
const MIB = 2 ** 20;
/** The boot partition, and where the root partition after it begins. */
const [BOOT_MIB, ROOT_AT_MIB] = [64, 65];
const ROOT_MIB = 600;
const KERNEL_LINE = 'root=LABEL=root ro console=ttyS0 quiet mitigations=off nokaslr no_timer_check tsc=reliable';

/**
 * A Debian with its real systemd and cloud-init that boots with UEFI, with or without secure boot, as a qcow2 file
 * compressed with xz: like published cloud images, but made from packages, because those cannot be downloaded
 * everywhere. Built once for each version of this code and each release of Debian, in one to two minutes.
 */
export async function cloudGuest(): Promise<string> {
  const release = /^VERSION_CODENAME=(.*)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? '';
  const hash = createHash('sha256').update(release);
  hash.update(await readFile(__filename));
  const image = join(CACHE_FOLDER, 'cloud', `cloud-${hash.digest('hex').slice(0, 12)}.qcow2.xz`);
  if (existsSync(image)) return image;
  const work = await mkdtemp(join(tmpdir(), 'clc-cloud-'));
  try {
    const made = await assemble(work, await makeRoot(work, release));
    const disk = join(work, 'cloud.qcow2');
    // Without its empty blocks.
    await execa('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', made, disk]);
    await execa('xz', ['-0', '--threads=0', disk]);
    await mkdir(dirname(image), { recursive: true });
    for (const old of await readdir(dirname(image))) await rm(join(dirname(image), old), { force: true });
    const partial = `${image}.${process.pid}`; // the temporary folder may be on another file system
    await copyFile(`${disk}.xz`, partial);
    await rename(partial, image);
    return image;
  } finally {
    await rm(work, { recursive: true });
  }
}

/** A root file system from the machine's own package sources. */
async function makeRoot(work: string, release: string): Promise<string> {
  const root = join(work, 'root');
  const sources = existsSync('/etc/apt/sources.list.d/debian.sources')
    ? '/etc/apt/sources.list.d/debian.sources'
    : '/etc/apt/sources.list';
  const options = [
    ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=Apt::Install-Recommends "false"',
    // Otherwise a package that needs all of Perl does it.
    '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
  ];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const include = `--include=${PACKAGES.join(',')}`;
  await execa('mmdebstrap', ['--variant=minbase', include, ...options, release, root, sources], { env, all: true });
  await writeFile(join(root, 'etc/fstab'), 'LABEL=root / ext4 errors=remount-ro 0 1\n');
  // C is the only locale, so none has to be generated, and an RSA key takes long under emulation.
  const settings = 'locale: false\nssh_genkeytypes: [ed25519]\n';
  await writeFile(join(root, 'etc/cloud/cloud.cfg.d/90_lab.cfg'), settings);
  // Every guest generates its own.
  await writeFile(join(root, 'etc/machine-id'), '');
  await execa('sh', ['-c', 'rm -f "$1"/etc/ssh/ssh_host_* "$1"/etc/hostname', 'sh', root]);
  return root;
}

/** A boot partition that UEFI can read, and the root file system. */
async function assemble(work: string, root: string): Promise<string> {
  const image = join(work, 'cloud.img');
  const boot = join(work, 'boot.img');
  await execa('truncate', ['--size', `${ROOT_AT_MIB + ROOT_MIB + 1}M`, image]);
  const table = [
    'label: gpt',
    `start=1MiB, size=${BOOT_MIB}MiB, type=uefi`,
    `start=${ROOT_AT_MIB}MiB, size=${ROOT_MIB}MiB, type=linux`,
  ];
  await execa('sfdisk', ['--quiet', image], { input: table.join('\n') });
  await makeBoot(root, boot, work);
  await execa('dd', [`if=${boot}`, `of=${image}`, 'bs=1M', 'seek=1', 'conv=notrunc,sparse', 'status=none']);
  const place = ['-E', `offset=${ROOT_AT_MIB * MIB}`];
  await execa('mke2fs', ['-q', '-t', 'ext4', '-L', 'root', '-d', root, ...place, image, `${ROOT_MIB}M`]);
  return image;
}

async function makeBoot(root: string, boot: string, work: string): Promise<void> {
  const files = await readdir(join(root, 'boot'));
  const kernel = files.find((name) => name.startsWith('vmlinuz'));
  const initrd = files.find((name) => name.startsWith('initrd'));
  if (kernel === undefined || initrd === undefined) throw new Error('the root file system has no kernel');
  await execa('truncate', ['--size', `${BOOT_MIB}M`, boot]);
  await execa('mkfs.vfat', ['-F', '32', boot]);
  const copy = (from: string, to: string) => execa('mcopy', ['-i', boot, from, `::${to}`]);
  const write = (text: string, to: string) => execa('mcopy', ['-i', boot, '-', `::${to}`], { input: text });
  await execa('mmd', ['-i', boot, '::/EFI', '::/EFI/BOOT', `::${dirname(MENU)}`]);
  await copy(join(root, 'boot', kernel), '/vmlinuz');
  await copy(join(root, 'boot', initrd), '/initrd');
  for (const [name, file, as] of SIGNED) {
    const folder = await mkdtemp(join(work, 'signed-'));
    const package_ = await downloadPackage(name, folder);
    await execa('dpkg-deb', ['--extract', package_, folder]);
    await copy(join(folder, file), as);
  }
  await write(`set timeout=0\nlinux /vmlinuz ${KERNEL_LINE}\ninitrd /initrd\nboot\n`, MENU);
  await execa('sh', ['-c', 'rm -rf "$1"/boot/*', 'sh', root]);
}
