import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execaSync } from 'execa';
import { type CephLocks, isCephError } from '../../lib/ceph';
import { CephWorkers } from '../../lib/exec/ceph-worker';
import { Children, Stopped } from '../../lib/exec/children';
import { errorLine } from '../../lib/exec/messages';
import type { ClusterSpec } from '../../lib/model';
import { cephContract } from '../contract/ceph';
import { cephTool, clusterSpec, useLab } from '../helpers/lab';
import { until } from '../helpers/until';

const lab = useLab();
const prefix = `contract-${process.pid}-`;
const pool = `${prefix}pool`;

function open(children = new Children()) {
  return new CephWorkers({ children, holder: 'a test', say: () => undefined });
}

const [workers, others] = [open(), open()];
const lock = (from: CephWorkers, image: string) =>
  (from.of(clusterSpec(lab())) as CephLocks).takeLock({ pool, image, holder: 'a test' });

/** A cluster whose commands run behind a prefix that is this piece of shell. */
function by(shell: string): ClusterSpec {
  return { ...clusterSpec(lab()), transport: { type: 'command', prefix: ['sh', '-c', shell, 'sh'] } };
}

/** What was asked for has been written to the worker. */
const sent = () => new Promise((resolve) => setImmediate(resolve));

/** The process that was last started for the worker: a later one may have a lower number. */
function workerOf(parent: number): number {
  const byStart = ['--sort', 'start_time', '-o', 'pid=,args=', '--ppid', String(parent)];
  const children = execaSync('ps', byStart).stdout.split('\n');
  return Number(
    children
      .filter((line) => line.includes('cdktf-libvirt-ceph:'))
      .at(-1)
      ?.trim()
      .split(' ')[0],
  );
}

afterAll(async () => {
  await Promise.all([workers.close(), others.close()]);
  await cephTool(lab(), 'ceph', 'osd', 'pool', 'delete', pool, pool, '--yes-i-really-really-mean-it');
  await cephTool(lab(), 'ceph', 'config', 'rm', 'mon', 'mon_allow_pool_delete');
});

describe('The worker behaves as the steps expect of a cluster', () => {
  cephContract(() => ({
    ceph: workers.of(clusterSpec(lab())),
    other: others.of(clusterSpec(lab())),
    name: (text) => `${prefix}${text}`,
    allowDeletion: async (allowed) =>
      void (await cephTool(lab(), 'ceph', 'config', 'set', 'mon', 'mon_allow_pool_delete', String(allowed))),
  }));
});

test("an image's space is what 'rbd du' counts: its snapshots too, and nothing of its parent", async () => {
  const rbd = (...args: string[]) => cephTool(lab(), 'rbd', ...args);
  const amount = ['--io-total', '6M', '--io-size', '2M', '--io-pattern', 'seq'];
  const write = () => rbd('bench', '--io-type', 'write', ...amount, `${pool}/space`);
  await rbd('create', '--size', '32M', `${pool}/space`);
  await write();
  await rbd('snap', 'create', '--no-progress', `${pool}/space@one`);
  await write();
  await rbd('snap', 'create', '--no-progress', `${pool}/space@two`);
  await rbd('clone', '--rbd-default-clone-format', '2', `${pool}/space@two`, `${pool}/space-clone`);
  await rbd('resize', '--size', '40M', '--no-progress', `${pool}/space-clone`);
  for (const name of ['space', 'space-clone']) {
    const { images } = JSON.parse(await rbd('du', '--format', 'json', `${pool}/${name}`));
    const used = images.reduce((sum: number, one: { used_size: number }) => sum + one.used_size, 0);
    const size = images.at(-1).provisioned_size;
    expect(await workers.of(clusterSpec(lab())).imageSpace({ pool, name })).toEqual({ size, used });
  }
});

test('nothing that a login shell prints gets into an answer', async () => {
  const ours = open();
  const noisy = by('echo hello; printf "and no end of the line"; exec "$@"');
  expect(await ours.of(noisy).pool({ name: pool })).toEqual(await workers.of(clusterSpec(lab())).pool({ name: pool }));
  await ours.close();
});

test('fails when a prefix does not pass standard input on, and says what to add', async () => {
  const ours = open();
  const error = ours.of(by('exec "$@" </dev/null')).monitors();
  await expect(error).rejects.toThrow(/gets no standard input; .*may lack '-i' \(docker exec -i/);
  await ours.close();
});

test('fails when the interpreter of ceph lacks modules, and names their packages', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'worker-'));
  const python = join(folder, 'python');
  await writeFile(python, '#!/bin/sh\nexec /usr/bin/python3 -S "$@"\n', { mode: 0o755 });
  await writeFile(join(folder, 'ceph'), `#! ${python}\n`, { mode: 0o755 });
  const path = [folder, process.env['PATH']].join(delimiter);
  const ours = open();
  const error = ours.of(by(`PATH='${path}' exec "$@"`)).monitors();
  await expect(error).rejects.toThrow(
    /has no 'rados' and no 'rbd' .*; install python3-rados and python3-rbd there.*apt-get install/,
  );
  await ours.close();
  await rm(folder, { recursive: true });
});

test('a look makes nobody a watcher', async () => {
  const ceph = workers.of(clusterSpec(lab()));
  const of = { pool, name: 'watched' };
  await ceph.createImage({ ...of, size: 2 ** 20 });
  const looks = await Promise.all(Array.from({ length: 20 }, () => ceph.image(of)));
  expect(looks.map((one) => one?.watchers)).toEqual(looks.map(() => []));
});

test('releases its locks at once when its input ends', async () => {
  const ours = open();
  expect(await lock(ours, 'given')).toHaveProperty('lock');
  await ours.close();
  const taken = await lock(others, 'given');
  expect(taken).toHaveProperty('lock');
  await (others.of(clusterSpec(lab())) as CephLocks).releaseLock(taken as { lock: string });
});

test('releases its locks only once nothing that it was asked for is still going on', async () => {
  const ours = open();
  const ceph = ours.of(clusterSpec(lab()));
  expect(await lock(ours, 'begun')).toHaveProperty('lock');
  const names = Array.from({ length: 4 }, (_, n) => `begun-${n}`);
  const begun = names.map((name) => ceph.createImage({ pool, name, size: 2 ** 20 }).catch(() => undefined));
  await sent();
  const closed = ours.close();
  const taken = await until('the lock is free', async () => {
    const answer = await lock(others, 'begun');
    return 'lock' in answer && answer;
  });
  expect(await others.of(clusterSpec(lab())).imageNames({ pool })).toEqual(expect.arrayContaining(names));
  await (others.of(clusterSpec(lab())) as CephLocks).releaseLock(taken);
  await Promise.all([closed, ...begun]);
});

test('leaves its locks to expire when something that it was asked for does not end', async () => {
  const ours = open();
  const ceph = ours.of(clusterSpec(lab()));
  await ceph.createImage({ pool, name: 'stuck', size: 2 ** 20 });
  expect(await lock(ours, 'stuck')).toHaveProperty('lock');
  await cephTool(lab(), 'ceph', 'osd', 'pause');
  try {
    const growing = ceph.growImage({ pool, name: 'stuck', size: 2 ** 21 }).catch(() => undefined);
    await sent();
    const before = Date.now();
    await ours.close();
    expect(Date.now() - before).toBeLessThan(20_000);
    await growing;
  } finally {
    await cephTool(lab(), 'ceph', 'osd', 'unpause');
  }
  expect(await lock(others, 'stuck')).toEqual({ holder: 'a test' });
});

test('leaves its locks to expire when a command of its script may still change an image', async () => {
  const ours = open();
  const locks = ours.of(clusterSpec(lab())) as CephLocks;
  expect(await lock(ours, 'importing')).toHaveProperty('lock');
  await locks.setLocksExpire({ expire: true });
  await ours.close();
  expect(await lock(others, 'importing')).toEqual({ holder: 'a test' });
});

test('on a stop it finishes a rename, fails other requests, and releases its locks', async () => {
  const children = new Children();
  const ours = open(children);
  const ceph = ours.of(clusterSpec(lab()));
  await ceph.createImage({ pool, name: 'renaming', size: 2 ** 20 });
  expect(await lock(ours, 'stopped')).toHaveProperty('lock');
  const renamed = ceph.renameImage({ pool, name: 'renaming', to: 'renamed' }).catch((error: unknown) => error);
  const looked = ceph.imagesInUse({ pool }).catch((error: unknown) => error);
  await sent();
  children.stopAll(new Stopped('it was stopped', 1));
  expect(await looked).toBeInstanceOf(Stopped);
  expect(await renamed).toBeInstanceOf(Stopped);
  await ours.close();
  expect(await workers.of(clusterSpec(lab())).imageNames({ pool })).toContain('renamed');
  expect(await lock(others, 'stopped')).toHaveProperty('lock');
});

test('fails what waits for a worker that is killed, says so, and starts another for the next request', async () => {
  const ours = open();
  const cluster = by('echo $$ >&2; exec "$@"');
  const pid = await ours
    .of(cluster)
    .monitors()
    .then(() => workerOf(process.pid));
  process.kill(pid, 'SIGSTOP'); // otherwise it may answer first
  const waiting = ours.of(cluster).imagesInUse({ pool });
  process.kill(pid, 'SIGKILL');
  await expect(waiting).rejects.toThrow(/'the Ceph worker'.* ended with 137/);
  expect((await ours.of(cluster).monitors()).length).toBeGreaterThan(0);
  await ours.close();
});

test('a worker that is killed with a lock ends its run, which names the image', async () => {
  const children = new Children();
  const ours = open(children);
  expect(await lock(ours, 'orphaned')).toHaveProperty('lock');
  process.kill(workerOf(process.pid), 'SIGKILL');
  const stopped = await new Promise((resolve) =>
    children.stopped.addEventListener('abort', () => resolve(children.stopped.reason)),
  );
  expect(errorLine('x', undefined, stopped)).toMatch(
    new RegExp(
      `^error\\[killed\\]: x: the lock on image '${pool}/orphaned' was lost: 'the Ceph worker' .*; apply again`,
    ),
  );
  await ours.close();
});

test('a lock is among what a pool holds while its holder lives, and not once it has expired', async () => {
  const object = 'cdktf-libvirt-ceph.lock.expiring';
  const held = async () => (await workers.of(clusterSpec(lab())).poolContents({ name: pool })).others;
  const options = ['--lock-duration', '3', '--lock-cookie', 'x'];
  await cephTool(lab(), 'rados', '--pool', pool, 'lock', 'get', object, 'cdktf-libvirt-ceph', ...options);
  expect(await held()).toContain(object);
  await until('the lock has expired', async () => !(await held()).includes(object));
  expect(await cephTool(lab(), 'rados', '--pool', pool, 'ls')).toContain(object);
});

test('a temporary name without an image is among what a pool holds while its creator may live, and not once it is old', async () => {
  const object = 'rbd_id.web1.cdktf-libvirt-ceph-0123456789abcdef-0123456789abcdef';
  const held = async () => (await workers.of(clusterSpec(lab())).poolContents({ name: pool })).others;
  const rados = (...args: string[]) => cephTool(lab(), 'rados', '--pool', pool, ...args);
  await rados('create', object);
  expect(await held()).toContain(object);
  await rados('touch', object, String(Math.floor(Date.now() / 1000) - 90));
  expect(await held()).not.toContain(object);
  await rados('rm', object);
});

test('an error of Ceph names the command that a person would type', async () => {
  const error = await workers
    .of(clusterSpec(lab()))
    .removeSnapshot({ pool, name: 'watched', snapshot: 'none' })
    .catch((one: unknown) => one);
  expect(isCephError(error)).toBe(true);
  expect((error as Error).message).toMatch(
    new RegExp(`^'rbd snap rm ${pool}/watched@none' on this machine .* ended with 2`),
  );
});
