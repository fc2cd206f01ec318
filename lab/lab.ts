import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type CephInfo, type CephSettings, cephHealth, startCeph } from './ceph';
import { buildGuest, type GuestImages } from './guest';
import { answers, bridgeOf, type LabHost, NETWORK, removeBridge, startBridge, startHost } from './libvirt';
import { installPackages, missingPackages } from './packages';
import { endProcesses, foreignDaemons, processesOf, startOf } from './processes';

export const DEFAULT_FOLDER = '/var/tmp/cdktf-libvirt-ceph-lab';
/** A socket's path holds at most 107 characters; libvirt's and Ceph's own part under the folder is up to 60 long. */
const LONGEST_FOLDER = 46;
/** Says that the folder belongs to a lab and may be removed; contains the process that is bringing it up. */
const OWNER_FILE = 'cdktf-libvirt-ceph-lab.pid';
const INFO_FILE = 'lab.json';

export interface LabOptions {
  readonly folder?: string;
  /** Install missing Debian packages. */
  readonly install?: boolean;
  /** 1 to 3; @default 1 */
  readonly hosts?: number;
  readonly ceph?: CephSettings;
  readonly say?: (line: string) => void;
}

export interface LabInfo extends CephInfo, GuestImages {
  readonly folder: string;
  readonly hosts: readonly LabHost[];
  /** A libvirt network, active on each host, for the NICs of VMs. */
  readonly network: string;
  /** The bridge behind it. */
  readonly bridge: string;
}

export interface LabStatus {
  readonly folder: string;
  readonly running: boolean;
  readonly health: string;
  readonly processes: readonly string[];
  readonly info?: LabInfo;
}

/** Brings a lab up; one that already runs in the folder is reused, and the remains of a broken one are removed. */
export async function labUp(options: LabOptions = {}): Promise<LabInfo> {
  const folder = resolve(options.folder ?? DEFAULT_FOLDER);
  const hosts = options.hosts ?? 1;
  const say = options.say ?? (() => undefined);
  checkCall(folder, hosts);
  const running = await runningLab(folder);
  if (running) {
    say(`a lab runs in ${folder} already: using it`);
    return withHosts(running, hosts, say);
  }
  await checkMachine(options.install ?? false, say);
  await clear(folder);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await writeFile(join(folder, OWNER_FILE), `${process.pid} ${await startOf(process.pid)}`);
  const guest = buildGuest(folder);
  guest.catch(() => undefined); // awaited below; a fault of Ceph before that is thrown first
  await startBridge(folder);
  say('starting Ceph');
  const ceph = await startCeph(folder, options.ceph);
  const info = { folder, ...ceph, ...(await guest), hosts: [], network: NETWORK, bridge: bridgeOf(folder) };
  return withHosts(info, hosts, say);
}

/** Ends every process of the lab and removes its folder. */
export async function labDown(folder: string = DEFAULT_FOLDER): Promise<void> {
  await clear(resolve(folder));
}

export async function labStatus(folder: string = DEFAULT_FOLDER): Promise<LabStatus> {
  const place = resolve(folder);
  const info = await readInfo(place);
  const processes = (await processesOf(place)).map(({ command, pid }) => `${command} (${pid})`);
  const health = info && processes.length > 0 ? await cephHealth(info.cephConf) : 'down';
  return { folder: place, running: (await runningLab(place)) !== undefined, health, processes, info };
}

async function withHosts(info: LabInfo, count: number, say: (line: string) => void): Promise<LabInfo> {
  const hosts = [...info.hosts];
  for (let n = hosts.length + 1; n <= count; n++) {
    say(`starting libvirt of kvm${n}`);
    hosts.push(await startHost(info.folder, `kvm${n}`));
  }
  const result = { ...info, hosts };
  const written = join(info.folder, `${INFO_FILE}.new`);
  await writeFile(written, `${JSON.stringify(result, null, 2)}\n`);
  await rename(written, join(info.folder, INFO_FILE));
  return result;
}

function checkCall(folder: string, hosts: number): void {
  if (![1, 2, 3].includes(hosts)) {
    throw new Error(`'hosts' must be 1, 2 or 3, got ${hosts}`);
  }
  if (folder.length > LONGEST_FOLDER || /[^\w./-]/.test(folder)) {
    throw new Error(
      `'folder' must be an absolute path of at most ${LONGEST_FOLDER} letters, digits and . _ - /, got ${folder}`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new Error('the lab needs root: it makes mount namespaces, a bridge and QEMU processes');
  }
}

async function checkMachine(install: boolean, say: (line: string) => void): Promise<void> {
  const foreign = await foreignDaemons();
  if (foreign.length > 0) {
    const names = foreign.map(({ command, pid }) => `${command} (${pid})`).join(', ');
    throw new Error(
      `a Ceph or libvirt that is not the lab's runs on this machine: ${names}; end it (a service: 'systemctl stop NAME'), or use another machine`,
    );
  }
  const missing = await missingPackages();
  if (missing.length > 0 && !install) {
    throw new Error(`Debian packages are missing: ${missing.join(' ')}; --install installs them`);
  }
  if (missing.length > 0) {
    await installPackages(missing, say);
  }
}

async function readInfo(folder: string): Promise<LabInfo | undefined> {
  const file = join(folder, INFO_FILE);
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as LabInfo) : undefined;
}

async function runningLab(folder: string): Promise<LabInfo | undefined> {
  const info = await readInfo(folder);
  const pids = new Set((await processesOf(folder)).map(({ pid }) => pid));
  if (!info || !info.hosts.every((host) => pids.has(host.mountNamespacePid))) {
    return undefined;
  }
  const begun = (await readdir(folder)).filter((name) => /^kvm\d$/.test(name));
  if (begun.length !== info.hosts.length) {
    return undefined;
  }
  const alive = await Promise.all(info.hosts.map(answers));
  return alive.every(Boolean) && (await cephHealth(info.cephConf)).startsWith('HEALTH_') ? info : undefined;
}

async function clear(folder: string): Promise<void> {
  if (existsSync(folder) && !existsSync(join(folder, OWNER_FILE)) && (await readdir(folder)).length > 0) {
    throw new Error(`${folder} is not a lab's folder and not empty: choose another one`);
  }
  await refuseOtherUp(folder);
  await endProcesses(folder);
  await removeBridge(folder);
  await rm(folder, { recursive: true, force: true });
}

/** Two processes that bring up the same folder would end each other's daemons. */
async function refuseOtherUp(folder: string): Promise<void> {
  const file = join(folder, OWNER_FILE);
  if (!existsSync(file) || existsSync(join(folder, INFO_FILE))) {
    return;
  }
  const [pid, start] = (await readFile(file, 'utf8')).split(' ');
  if (Number(pid) !== process.pid && start && (await startOf(Number(pid))) === start) {
    throw new Error(`another 'up' (process ${pid}) is bringing up ${folder}; wait for it, or end it`);
  }
}
