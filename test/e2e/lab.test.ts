import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { labDown, type LabInfo, labStatus, labUp } from '../../lab/lab';
import { installPackages, missingPackages } from '../../lab/packages';
import { processesOf, startOf } from '../../lab/processes';
import { until } from '../helpers/until';

// For this run only: another run of these tests on the machine has its own labs.
const FOLDER = `/var/tmp/lab-test-${process.pid}`;
const OTHER_FOLDER = `/var/tmp/lab-test-${process.pid}-2`;
const HOST_FOLDERS = [
  ...['/etc/ceph', '/var/lib/ceph', '/var/log/ceph', '/run/ceph'],
  ...['/etc/libvirt', '/run/libvirt', '/var/lib/libvirt', '/var/log/libvirt', '/var/cache/libvirt'],
];
const CLI = ['tsx', '-C', 'import', join(__dirname, '../../lab/cli.ts')];

let lab: LabInfo;
let hostBefore: string[];

const ceph = async (...args: string[]) => (await execa('ceph', ['--conf', lab.cephConf, ...args])).stdout;
const rbd = async (...args: string[]) => (await execa('rbd', ['--conf', lab.cephConf, ...args])).stdout;
/** With cat, `/dev/stdin` is a pipe: Node.js gives a child a socket, which virsh cannot open. */
const virsh = async (host: number, args: string[], input = '') => {
  const command = ['virsh', '--connect', lab.hosts[host]?.virshUri ?? '', ...args];
  return (await execa('sh', ['-c', 'cat | "$@"', 'sh', ...command], { input })).stdout;
};
const cli = (args: string[], env = {}) => execa('npx', [...CLI, ...args], { reject: false, env });

/** Every file of the folders, with what a change of it would alter. */
async function fingerprint(folders: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const folder of folders) {
    const below = existsSync(folder) ? await readdir(folder, { recursive: true }) : [];
    for (const path of [folder, ...below.sort().map((name) => join(folder, name))]) {
      const stat = await lstat(path).catch(() => undefined);
      const content = stat?.isFile()
        ? createHash('sha256')
            .update(await readFile(path))
            .digest('hex')
        : '';
      lines.push([path, stat?.mode, stat?.uid, stat?.gid, stat?.mtimeMs, content].join(' '));
    }
  }
  return lines;
}

async function mountsOf(folder: string): Promise<string[]> {
  const { stdout } = await execa('bash', ['-c', `cat /proc/[0-9]*/mountinfo 2>/dev/null | grep -F ${folder}/`], {
    reject: false,
  });
  return stdout.split('\n').filter(Boolean);
}

async function bridges(): Promise<string> {
  return (await execa('ip', ['-brief', 'link', 'show', 'type', 'bridge'])).stdout;
}

async function consoleShows(file: string, wanted: RegExp, seconds = 60): Promise<string> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const text = existsSync(file) ? await readFile(file, 'utf8') : '';
    if (wanted.test(text)) {
      return text;
    }
    if (Date.now() > deadline) {
      throw new Error(`${file} shows no ${wanted} after ${seconds} s, but:\n${text}`);
    }
    await sleep(250);
  }
}

const domainXml = (name: string, disks: string) => `<domain type='qemu'>
  <name>${name}</name><memory unit='MiB'>256</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os><features><acpi/></features>
  <devices>${disks}
    <interface type='network'><source network='${lab.network}'/><model type='virtio'/></interface>
    <serial type='pty'><log file='/var/log/libvirt/${name}-console.log'/></serial>
  </devices></domain>`;

const rbdDisk = (image: string, target: string, order: number) => `<disk type='network' device='disk'>
  <auth username='libvirt'><secret type='ceph' usage='client.libvirt secret'/></auth>
  <source protocol='rbd' name='${image}'><host name='127.0.0.1' port='${lab.monitors[0]?.split(':')[1]}'/></source>
  <target dev='${target}' bus='virtio'/><serial>disk-${target}</serial><boot order='${order}'/></disk>`;

/** The leftovers of a killed run. */
async function clearOldLabs(): Promise<void> {
  for (const name of await readdir('/var/tmp')) {
    const pid = /^lab-test-(\d+)/.exec(name)?.[1];
    if (pid && !(await startOf(Number(pid)))) {
      await labDown(join('/var/tmp', name));
    }
  }
}

beforeAll(async () => {
  await clearOldLabs();
  const missing = await missingPackages();
  if (missing.length > 0) {
    await installPackages(missing, console.log);
  }
  hostBefore = await fingerprint(HOST_FOLDERS);
  lab = await labUp({ folder: FOLDER, hosts: 2 });
});

afterAll(async () => {
  await labDown(FOLDER);
  await labDown(OTHER_FOLDER);
});

test('Ceph is healthy, with cephx on and pool deletion off', async () => {
  expect(await ceph('health')).toBe('HEALTH_OK');
  expect(await ceph('config', 'get', 'mon', 'mon_allow_pool_delete')).toBe('false');
  const stranger = ['--conf', lab.cephConf, '--id', 'stranger', '--keyring', '/dev/null', 'health'];
  await expect(execa('ceph', [...stranger, '--connect-timeout', '5'])).rejects.toThrow();
});

test('docs/own-cluster.md names the ports that Ceph and libvirt have by default, and their daemons are within them', async () => {
  const page = readFileSync(join(__dirname, '../../docs/own-cluster.md'), 'utf8');
  const ports = (row: RegExp): number[] => (row.exec(page) ?? []).slice(1).map(Number);
  const map = join(FOLDER, 'default-monmap');
  await execa('monmaptool', ['--create', '--enable-all-features', '--add', 'a', '192.0.2.1', map]);
  const [msgr2, msgr1] = ports(/^\| libvirt hosts +\| monitors +\| (\d+) \(msgr2\), (\d+) if/m);
  expect((await execa('monmaptool', ['--print', map])).stdout).toContain(
    `[v2:192.0.2.1:${msgr2}/0,v1:192.0.2.1:${msgr1}/0]`,
  );
  const [first = 0, last = 0] = ports(/^\| libvirt hosts +\| OSDs +\| (\d+) to (\d+) +\|$/m);
  const [older = 0] = ports(/which is (\d+) in\s+older releases/);
  for (const daemon of ['osd', 'mgr']) {
    expect(Number(await ceph('config', 'get', daemon, 'ms_bind_port_min'))).toBe(first);
    expect([older, last]).toContain(Number(await ceph('config', 'get', daemon, 'ms_bind_port_max')));
  }
  const manager = JSON.parse(await ceph('mgr', 'dump', '--format', 'json')) as { active_addrs: object };
  const listening = `${await ceph('osd', 'dump')}\n${JSON.stringify(manager.active_addrs)}`;
  const found = [...listening.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
  expect(found.length).toBeGreaterThan(4);
  expect(found.filter((port) => port < first || port > last)).toEqual([]);
  const [tls] = ports(/(\d+) for `qemu\+tls:\/\/`/);
  expect(await readFile('/etc/libvirt/libvirtd.conf', 'utf8')).toMatch(new RegExp(`^#tls_port = "${tls}"$`, 'm'));
});

test('each libvirt host answers outside of its namespace, and has its own name and UUID, and the network', async () => {
  for (const host of [0, 1]) {
    expect(await virsh(host, ['hostname'])).toContain(lab.hosts[host]?.name);
    expect(await virsh(host, ['net-list', '--name'])).toContain(lab.network);
  }
  const uuids = await Promise.all(
    [0, 1].map(async (host) => /<uuid>.*/.exec(await virsh(host, ['capabilities']))?.[0]),
  );
  expect(new Set(uuids).size).toBe(2);
});

test('up reuses a running lab', async () => {
  expect(await labUp({ folder: FOLDER })).toEqual(lab);
});

test('a killed libvirtd comes back, and a held one stays down', async () => {
  const libvirtds = async () => (await processesOf(FOLDER)).filter(({ command }) => command === 'libvirtd');
  const hold = join(FOLDER, 'kvm1', 'libvirtd.hold');
  const before = await libvirtds();
  const isUp = (host: number) => async (): Promise<boolean> =>
    (await virsh(host, ['hostname']).catch(() => '')).includes(`kvm${host + 1}`);
  await writeFile(hold, '');
  before.forEach((each) => process.kill(each.pid, 'SIGKILL'));
  // By then the other one has had as much time to come back as the held one.
  await until('kvm2 answers', isUp(1));
  const after = await libvirtds();
  expect(after).toHaveLength(1);
  expect(before.map(({ pid }) => pid)).not.toContain(after[0]?.pid);
  expect(await isUp(0)()).toBe(false);
  await rm(hold);
  await until('kvm1 answers', isUp(0));
  expect(await libvirtds()).toHaveLength(2);
});

describe('A guest on RBD', () => {
  let log: string;

  beforeAll(async () => {
    await ceph('osd', 'pool', 'create', 'vms');
    await rbd('pool', 'init', 'vms');
    await ceph('auth', 'get-or-create', 'client.libvirt', 'mon', 'profile rbd', 'osd', 'profile rbd pool=vms');
    await rbd('import', lab.guestImage, 'vms/root');
    await rbd('create', 'vms/data', '--size', '1G');
    const secret = `<secret><usage type='ceph'><name>client.libvirt secret</name></usage></secret>`;
    for (const host of [0, 1]) {
      const uuid = /[0-9a-f-]{36}/.exec(await virsh(host, ['secret-define', '/dev/stdin'], secret))?.[0] ?? '';
      const key = await ceph('auth', 'get-key', 'client.libvirt');
      await virsh(host, ['secret-set-value', uuid, '--file', '/dev/stdin'], key);
    }
    log = join(lab.hosts[0]?.logFolder ?? '', 'web1-console.log');
    await virsh(
      0,
      ['create', '/dev/stdin'],
      domainXml('web1', rbdDisk('vms/root', 'vda', 1) + rbdDisk('vms/data', 'vdb', 2)),
    );
  });

  test('boots and reports its memory, CPUs, disks and NICs', async () => {
    const text = await consoleShows(log, /^DISK vdb BOOTS 1$/m);
    expect(text).toMatch(/^GUEST UP after [\d.]+ s$/m);
    expect(text).toMatch(/^CPUS 1$/m);
    expect(text).toMatch(/^MEMORY \d+ KiB$/m);
    expect(text).toMatch(/^DISK vda SIZE 67108864 BUS virtio SERIAL disk-vda$/m);
    expect(text).toMatch(/^NIC eth0 MAC 52:54:00:/m);
  });

  test('sees a disk that grows and one that is attached while it runs', async () => {
    await rbd('resize', 'vms/data', '--size', '2G', '--no-progress');
    await virsh(0, ['blockresize', 'web1', 'vdb', '2G']);
    await consoleShows(log, /^DISK vdb SIZE 2147483648 /m);
    await rbd('create', 'vms/more', '--size', '64M');
    await virsh(0, ['attach-device', 'web1', '/dev/stdin'], rbdDisk('vms/more', 'vdc', 3).replace(/<boot [^>]*>/, ''));
    await consoleShows(log, /^DISK vdc SIZE 67108864 BUS virtio SERIAL disk-vdc/m);
  });

  test('powers off at the power button, and its data disk survives into a boot on the other host', async () => {
    const canary = /DISK vdb FIRST (CANARY \w+)/.exec(await readFile(log, 'utf8'))?.[1];
    await virsh(0, ['shutdown', 'web1']);
    await consoleShows(log, /^POWER BUTTON/m);
    for (let tries = 0; tries < 100 && (await virsh(0, ['list', '--name'])).includes('web1'); tries++) {
      await sleep(100);
    }
    await virsh(
      1,
      ['create', '/dev/stdin'],
      domainXml('web1', rbdDisk('vms/root', 'vda', 1) + rbdDisk('vms/data', 'vdb', 2)),
    );
    const text = await consoleShows(join(lab.hosts[1]?.logFolder ?? '', 'web1-console.log'), /DISK vdb BOOTS 2/);
    expect(text).toContain(`DISK vdb FIRST ${canary}`);
  });

  test('boots from a boot sector, and ignores the power button when it is the stubborn one', async () => {
    await rbd('import', lab.stubbornBootSectorImage, 'vms/stubborn');
    await virsh(0, ['create', '/dev/stdin'], domainXml('stubborn', rbdDisk('vms/stubborn', 'vda', 1)));
    const console = join(lab.hosts[0]?.logFolder ?? '', 'stubborn-console.log');
    expect(await consoleShows(console, /^DISK vda BOOTS 1$/m)).toMatch(/^GUEST UP$/m);
    await virsh(0, ['shutdown', 'stubborn']);
    await consoleShows(console, /POWER BUTTON/);
    await sleep(3000);
    expect(await virsh(0, ['domstate', 'stubborn'])).toContain('running');
  });
});

test('a second lab runs next to it, even after its up was killed half-way, and is removed alone', async () => {
  const killed = execa('npx', [...CLI, 'up', '--folder', OTHER_FOLDER], { reject: false, detached: true });
  for (let tries = 0; tries < 100 && !(await runs('ceph-osd', OTHER_FOLDER)); tries++) {
    await sleep(100);
  }
  process.kill(-(killed.pid ?? 0), 'SIGKILL');
  await killed;
  const { exitCode, stdout } = await cli(['up', '--folder', OTHER_FOLDER, '--json']);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ folder: OTHER_FOLDER, hosts: [{ name: 'kvm1' }] });
  expect((await cli(['env', '--folder', OTHER_FOLDER])).stdout).toContain(
    `export CEPH_CONF='${OTHER_FOLDER}/ceph.conf'`,
  );
  expect((await cli(['down', '--folder', OTHER_FOLDER])).exitCode).toBe(0);
  expect(existsSync(OTHER_FOLDER)).toBe(false);
  expect((await labStatus(FOLDER)).running).toBe(true);
});

async function runs(command: string, folder: string): Promise<boolean> {
  return (await processesOf(folder)).some((each) => each.command === command);
}

describe('up fails before anything is touched', () => {
  test('when a Ceph or libvirt daemon that is not part of a lab runs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lab-'));
    await copyFile('/bin/sleep', join(folder, 'ceph-mon'));
    const daemon = execa(join(folder, 'ceph-mon'), ['60'], { reject: false });
    await expect(labUp({ folder: OTHER_FOLDER })).rejects.toThrow(`ceph-mon (${daemon.pid})`);
    daemon.kill();
    await daemon;
    await rm(folder, { recursive: true });
    expect(existsSync(OTHER_FOLDER)).toBe(false);
  });

  test('when packages are missing and it was not asked to install them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lab-'));
    await writeFile(join(folder, 'dpkg-query'), '#!/bin/sh\necho "tini installed"\n', { mode: 0o755 });
    const { exitCode, stderr } = await cli(['up', '--folder', OTHER_FOLDER], { PATH: `${folder}:${process.env.PATH}` });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Debian packages are missing: libvirt-daemon-system ');
    expect(stderr).toContain('--install');
    expect(stderr).not.toContain(' tini');
    await rm(folder, { recursive: true });
    expect(existsSync(OTHER_FOLDER)).toBe(false);
  });

  test('when the folder does not belong to a lab, its name is too long, or the number of hosts is out of range', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lab-'));
    await writeFile(join(folder, 'diary'), 'dear');
    await expect(labUp({ folder })).rejects.toThrow("is not a lab's folder and not empty");
    await expect(labDown(folder)).rejects.toThrow("is not a lab's folder and not empty");
    expect(await readdir(folder)).toEqual(['diary']);
    await rm(folder, { recursive: true });
    await expect(labUp({ folder: `/var/tmp/${'x'.repeat(50)}` })).rejects.toThrow("'folder' must be");
    await expect(labUp({ folder: OTHER_FOLDER, hosts: 4 })).rejects.toThrow("'hosts' must be 1, 2 or 3, got 4");
  });
});

test('down leaves no process, mount, bridge or folder, and the machine as it was', async () => {
  expect(await mountsOf(FOLDER)).not.toEqual([]);
  await labDown(FOLDER);
  expect(await processesOf(FOLDER)).toEqual([]);
  expect(await mountsOf(FOLDER)).toEqual([]);
  expect(await bridges()).not.toContain(lab.bridge);
  expect(existsSync(FOLDER)).toBe(false);
  expect(await fingerprint(HOST_FOLDERS)).toEqual(hostBefore);
  await expect(labDown(FOLDER)).resolves.toBeUndefined();
});
