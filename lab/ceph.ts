import { randomInt, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { MARK } from './processes';
import { KEEP, startDetached, waitUntil } from './start';

const OSD_BYTES = 10 * 1024 ** 3;

export interface CephInfo {
  readonly cephConf: string;
  /** '127.0.0.1:port' of the only monitor, for Ceph's older protocol (msgr1). */
  readonly monitors: readonly string[];
  /** The same monitor for msgr2. */
  readonly monitorsV2: readonly string[];
}

/** Ceph options for all daemons, from their first start: 'auth_service_ticket_ttl': '60'. */
export interface CephSettings {
  readonly [option: string]: string;
}

/** One mon, one mgr and one OSD under `<lab>/ceph`; `<lab>/ceph.conf` makes a client its admin. */
export async function startCeph(lab: string, settings: CephSettings = {}): Promise<CephInfo> {
  const folder = join(lab, 'ceph');
  const cephConf = join(lab, 'ceph.conf');
  for (const name of ['mon', 'mgr', 'osd', 'log', 'run', 'crash']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  const [v1, v2, keys] = [await freePort(), await freePort(), await generateKeys()];
  const addresses = `[v2:127.0.0.1:${v2}/0,v1:127.0.0.1:${v1}/0]`;
  const fsid = randomUUID();
  await writeFile(cephConf, confText({ lab, folder, fsid, addresses, settings }));
  await writeKeyrings(lab, folder, keys);

  const daemon = ['--conf', cephConf, '--id'];
  await execa('monmaptool', ['--create', '--fsid', fsid, '--addv', 'a', addresses, join(folder, 'monmap')]);
  const made = ['--mkfs', '--monmap', join(folder, 'monmap'), '--keyring', join(folder, 'mon.keyring')];
  await execa('ceph-mon', [...daemon, 'a', ...made], ofLab(lab));
  startDaemon(lab, folder, 'ceph-mon', [...daemon, 'a', '-f']);
  startDaemon(lab, folder, 'ceph-mgr', [...daemon, 'x', '-f']);
  await makeOsd(lab, cephConf, keys.osd);
  startDaemon(lab, folder, 'ceph-osd', [...daemon, '0', '-f']);
  await waitUntil('Ceph', 60, () => isHealthy(cephConf), join(folder, 'log'));
  return { cephConf, monitors: [`127.0.0.1:${v1}`], monitorsV2: [`127.0.0.1:${v2}`] };
}

export async function cephHealth(cephConf: string): Promise<string> {
  const { stdout } = await execa('ceph', ['--conf', cephConf, '--connect-timeout', '5', 'health'], { reject: false });
  return stdout.trim() || 'no answer';
}

/** A cluster without its OSD counts as healthy. */
async function isHealthy(cephConf: string): Promise<boolean> {
  const { stdout } = await execa('ceph', ['--conf', cephConf, '--connect-timeout', '5', 'status', '--format', 'json'], {
    reject: false,
  });
  if (stdout === '') return false;
  const { health, osdmap } = JSON.parse(stdout) as { health: { status: string }; osdmap: { num_up_osds: number } };
  return health.status === 'HEALTH_OK' && osdmap.num_up_osds === 1;
}

/** Marks a daemon as the lab's, so that another lab coming up does not mistake it for a foreign one. */
function ofLab(lab: string): { readonly env: { readonly [name: string]: string } } {
  return { env: { [MARK]: lab } };
}

function startDaemon(lab: string, folder: string, name: string, args: readonly string[]): void {
  startDetached(lab, [KEEP, folder, name, name, ...args]);
}

async function makeOsd(lab: string, cephConf: string, key: string): Promise<void> {
  const uuid = randomUUID();
  await execa('ceph', ['--conf', cephConf, '--connect-timeout', '20', 'osd', 'new', uuid, '0', '-i', '-'], {
    input: JSON.stringify({ cephx_secret: key }),
  });
  await writeFile(join(lab, 'ceph', 'osd', 'keyring'), `[osd.0]\nkey = ${key}\n`, { mode: 0o600 });
  await execa('ceph-osd', ['--conf', cephConf, '--id', '0', '--mkfs', '--osd-uuid', uuid], ofLab(lab));
}

interface Keys {
  readonly mon: string;
  readonly admin: string;
  readonly mgr: string;
  readonly osd: string;
}

async function generateKeys(): Promise<Keys> {
  const key = async () => (await execa('ceph-authtool', ['--gen-print-key'])).stdout;
  return { mon: await key(), admin: await key(), mgr: await key(), osd: await key() };
}

async function writeKeyrings(lab: string, folder: string, keys: Keys): Promise<void> {
  const all = ['mon', 'osd', 'mds', 'mgr'].map((kind) => `caps ${kind} = "allow *"\n`).join('');
  const admin = `[client.admin]\nkey = ${keys.admin}\n${all}`;
  const mgrCaps = 'caps mon = "allow profile mgr"\ncaps osd = "allow *"\ncaps mds = "allow *"\n';
  const mgr = `[mgr.x]\nkey = ${keys.mgr}\n${mgrCaps}`;
  const mon = `[mon.]\nkey = ${keys.mon}\ncaps mon = "allow *"\n`;
  await writeFile(join(lab, 'admin.keyring'), admin, { mode: 0o600 });
  await writeFile(join(folder, 'mgr', 'keyring'), mgr, { mode: 0o600 });
  await writeFile(join(folder, 'mon.keyring'), mon + admin + mgr, { mode: 0o600 });
}

interface ConfParts {
  readonly lab: string;
  readonly folder: string;
  readonly fsid: string;
  readonly addresses: string;
  readonly settings: CephSettings;
}

function confText(parts: ConfParts): string {
  const settings = Object.entries(parts.settings).map(([option, value]) => `${option} = ${value}\n`);
  return `[global]
fsid = ${parts.fsid}
mon host = ${parts.addresses}
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
run dir = ${parts.folder}/run
crash dir = ${parts.folder}/crash
osd pool default size = 1
osd pool default min size = 1
osd crush chooseleaf type = 0
${settings.join('')}[client]
keyring = ${parts.lab}/$name.keyring
[client.admin]
keyring = ${parts.lab}/admin.keyring
[mon]
mon data = ${parts.folder}/mon/data
log file = ${parts.folder}/log/$name.log
admin socket = ${parts.folder}/run/$name.asok
mon cluster log file = ${parts.folder}/log/cluster.log
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
# a developer's disk is often nearly full: the lab's own use of it is small
mon data avail warn = 1
mon data avail crit = 1
[mgr]
mgr data = ${parts.folder}/mgr
log file = ${parts.folder}/log/$name.log
admin socket = ${parts.folder}/run/$name.asok
[osd]
osd data = ${parts.folder}/osd
osd objectstore = bluestore
osd memory target = 939524096
bluestore block size = ${OSD_BYTES}
log file = ${parts.folder}/log/$name.log
admin socket = ${parts.folder}/run/$name.asok
`;
}

/**
 * Below the ports that the kernel uses for outgoing connections: a client that retries a stopped monitor's port in that
 * range would one day connect to itself.
 */
async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(20_000, 32_000);
    if (await canListen(port)) {
      return port;
    }
  }
  throw new Error('no free port from 20000 to 32000 on 127.0.0.1');
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
