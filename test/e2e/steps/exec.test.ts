import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { Children } from '../../../lib/exec/children';
import { makeTools } from '../../../lib/exec/make-tools';
import { SPEC_VARIABLE } from '../../../lib/model';
import type { Command } from '../../../lib/steps/tools';
import { BUNDLE, cephTool, clusterSpec, OWNER, runScript, TOKEN, useLab } from '../../helpers/lab';
import { RunningScript } from '../../helpers/running-script';
import { until } from '../../helpers/until';

const lab = useLab();
const POOL = 'steps-exec';
const LOCK = `/run/lock/cdktf-libvirt-ceph-ceph-pool-${POOL}.lock`;
const local = (...argv: string[]): Command => ({ argv, transport: { type: 'local' } });
const poolSpec = (): object => ({ v: 1, owner: OWNER, entryId: TOKEN, cluster: clusterSpec(lab()), name: POOL });
const image = (name: string): object => ({
  cluster: clusterSpec(lab()),
  pool: POOL,
  name,
  source: { blank: true },
  size: '1 MiB',
});
const ceph = (...args: string[]): Promise<string> => cephTool(lab(), 'ceph', ...args);
const rados = (...args: string[]): Promise<string> => cephTool(lab(), 'rados', '--pool', POOL, ...args);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exec-'));
  if (!(await ceph('osd', 'pool', 'ls')).split('\n').includes(POOL)) await ceph('osd', 'pool', 'create', POOL, '8');
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  await ceph('config', 'set', 'mon', 'mon_allow_pool_delete', 'true');
  await ceph('osd', 'pool', 'delete', POOL, POOL, '--yes-i-really-really-mean-it');
  await ceph('config', 'rm', 'mon', 'mon_allow_pool_delete');
  await rm(folder, { recursive: true });
});

/**
 * A `ceph` whose interpreter says where it runs, writes down its environment and then hangs with a child of its own.
 */
async function hangingCeph(): Promise<{
  readonly env: { readonly PATH: string };
  readonly pids: () => Promise<number[]>;
}> {
  const bin = await mkdtemp(join(folder, 'bin-'));
  const hang = `#!/bin/sh\nenv >${bin}/env\nsleep 300 &\necho $$ $! >>${bin}/pids\nwait\n`;
  await writeFile(join(bin, 'python'), hang, { mode: 0o755 });
  await writeFile(join(bin, 'ceph'), `#! ${bin}/python\n`, { mode: 0o755 });
  const pids = (): Promise<number[]> =>
    until('the worker hangs', async () => {
      const found = (await readFile(join(bin, 'pids'), 'utf8')).match(/\d+(?=\s)/g) ?? [];
      return found.length === 2 && found.map(Number);
    });
  return { env: { PATH: [bin, process.env['PATH']].join(delimiter) }, pids };
}

const lives = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};
const ended = (pids: readonly number[]): Promise<true> => until('they have ended', () => !pids.some(lives));
const opened: ReturnType<typeof makeTools>[] = [];
const tools = (): ReturnType<typeof makeTools> => {
  const made = makeTools({ children: new Children(), holder: 'the test', say: () => undefined });
  opened.push(made);
  return made;
};

test('an entry without a spec, as after an import, does nothing and says so', async () => {
  const result = await runScript('ceph-pool', 'remove', null);
  expect(result).toEqual({
    exitCode: 0,
    stdout: 'ceph-pool: the registry entry holds no spec, as after an import; nothing to do',
    stderr: '',
  });
});

test('fails for a spec of a later release, and for an unknown kind', async () => {
  expect((await runScript('ceph-pool', 'ensure', { v: 2 })).stderr).toContain(
    'the spec has version 2, this script reads 1',
  );
  const { exitCode, stderr } = await runScript('nothing' as never, 'ensure', {});
  expect([exitCode, stderr]).toEqual([
    1,
    `error[unexpected]: nothing: 'nothing ensure' is not a kind and a verb of this script`,
  ]);
});

test('fails when a command is missing, and names its Debian package', async () => {
  const env = { PATH: `${dirname(process.execPath)}-none` };
  const { exitCode, stderr } = await runScript('rbd-image', 'ensure', image('x'), { env });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^error\[command-missing\]: image 'steps-exec\/x': take its lock: the command 'ceph' is missing on this machine .*; install the Debian package ceph-common there \(apt-get install ceph-common\)$/,
  );
});

test('fails for a pool that does not exist', async () => {
  const { stderr } = await runScript('rbd-image', 'ensure', { ...image('x'), pool: 'steps-none' });
  expect(stderr).toContain(
    `image 'steps-none/x': take its lock: pool 'steps-none' does not exist in the cluster; correct its name`,
  );
});

test('fails within 30 s when no monitor answers, and names those that it tried', async () => {
  const confFile = join(folder, 'dead.conf');
  await writeFile(
    confFile,
    `[global]\nmon_host = 192.0.2.1:6789\nkeyring = ${dirname(lab().cephConf)}/admin.keyring\n`,
  );
  const cluster = { ...clusterSpec(lab()), confFile };
  const started = Date.now();
  const [pool, one] = await Promise.all([
    runScript('ceph-pool', 'ensure', { ...poolSpec(), cluster }),
    runScript('rbd-image', 'ensure', { ...image('x'), cluster }),
  ]);
  expect(Date.now() - started).toBeLessThan(30_000);
  for (const { exitCode, stderr } of [pool, one]) {
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /no monitor of .*dead\.conf answered, tried: 192\.0\.2\.1:6789 .*; check that the monitors run/,
    );
    expect(stderr.split('\n')).toHaveLength(1);
  }
});

test('ends with its parent, even with a shell in between, ends its children and releases its lock', async () => {
  const { env, pids } = await hangingCeph();
  const script = `"$0" "$@"; true`;
  const parent = spawn(
    process.execPath,
    [
      '-e',
      `require('child_process').spawn('sh', ['-c', ${JSON.stringify(script)}, process.execPath, ${JSON.stringify(BUNDLE)}, 'ceph-pool', 'ensure'])`,
    ],
    { env: { ...process.env, ...env, [SPEC_VARIABLE]: JSON.stringify(poolSpec()) }, stdio: 'ignore' },
  );
  const hanging = pids().then(async (children) => ({ children, holder: await readFile(LOCK, 'utf8') }));
  const { children, holder } = await hanging.finally(() => parent.kill('SIGKILL'));
  expect(holder).toMatch(/^ensure pool 'steps-exec' of project 'test', stack 'steps'.* \(process \d+ on /);
  await ended(children);
  await until('the lock is given back', () => !existsSync(LOCK));
});

test('ends at SIGTERM in the same way, and keeps its spec from its children', async () => {
  const { env, pids } = await hangingCeph();
  const run = execa(process.execPath, [BUNDLE, 'ceph-pool', 'ensure'], {
    env: { ...env, [SPEC_VARIABLE]: JSON.stringify(poolSpec()) },
    reject: false,
  });
  const children = await pids().finally(() => run.kill('SIGTERM'));
  expect(await readFile(join(env.PATH.split(delimiter)[0] as string, 'env'), 'utf8')).not.toContain(SPEC_VARIABLE);
  expect(await run).toMatchObject({
    exitCode: 143,
    stderr: `error[stopped]: pool 'steps-exec': look at it: it was stopped by SIGTERM; nothing is lost, apply again to continue`,
  });
  await ended(children);
  expect(existsSync(LOCK)).toBe(false);
});

test('waits for a live holder of a file lock, and names it', async () => {
  await writeFile(LOCK, 'ensure of somebody (process 1 on kvm9)\n');
  const holder = execa('flock', [LOCK, 'cat'], { stdin: 'pipe' });
  try {
    await until('the lock is held', async () => {
      const { exitCode } = await execa('flock', ['--nonblock', LOCK, 'true'], { reject: false });
      return exitCode === 1;
    });
    const spec = { cluster: clusterSpec(lab()), name: POOL, removalPolicy: 'retain' };
    const removing = new RunningScript('ceph-pool', 'remove', spec);
    await removing.says('waiting up to 120 s for ensure of somebody (process 1 on kvm9)');
    expect(existsSync(LOCK)).toBe(true);
    holder.stdin.end();
    await removing.wellEnded();
  } finally {
    holder.stdin.end();
    await holder;
  }
  expect(existsSync(LOCK)).toBe(false);
});

test.each(['dash', 'bash'])('retries a file lock whose file cannot be opened for a moment, with %s', async (shell) => {
  const [bin, path] = [await mkdtemp(join(folder, 'sh-')), process.env['PATH']];
  await symlink(`/bin/${shell}`, join(bin, 'sh'));
  // A socket is there and cannot be opened, like a file that goes after it was looked for.
  const socket = createServer().listen(LOCK);
  await once(socket, 'listening');
  const gone = sleep(500).then(() => socket.close());
  process.env['PATH'] = [bin, path].join(delimiter);
  try {
    const lock = { file: `ceph-pool-${POOL}`, transport: { type: 'local' } } as const;
    expect(await tools().withLock(lock, () => readFile(LOCK, 'utf8'))).toBe('the test\n');
  } finally {
    process.env['PATH'] = path;
    await gone;
  }
  await until('the lock is given back', () => !existsSync(LOCK));
});

test('fails for a file lock whose file cannot be opened for seconds', async () => {
  const socket = createServer().listen(LOCK);
  await once(socket, 'listening');
  try {
    const lock = { file: `ceph-pool-${POOL}`, transport: { type: 'local' } } as const;
    await expect(tools().withLock(lock, () => Promise.resolve())).rejects.toThrow(
      /^'flock cdktf-libvirt-ceph-ceph-pool-\S+\.lock'.* ended with \d+: .*No such device or address/s,
    );
  } finally {
    socket.close();
  }
});

test('holds its lock and runs its commands at the other end of an ssh', async () => {
  const bin = await mkdtemp(join(folder, 'bin-'));
  await writeFile(
    join(bin, 'ssh'),
    `#!/bin/sh\nfor last; do :; done\ntest -f ${LOCK} && cp ${LOCK} ${bin}/seen\nexec sh -c "$last"\n`,
  );
  await chmod(join(bin, 'ssh'), 0o755);
  const env = { PATH: [bin, process.env['PATH']].join(delimiter) };
  const cluster = { ...clusterSpec(lab()), transport: { type: 'ssh', destination: 'root@mon1' } };
  const { exitCode, stderr } = await runScript('ceph-pool', 'ensure', { ...poolSpec(), cluster }, { env });
  expect([exitCode, stderr]).toEqual([
    1,
    expect.stringContaining(`pool '${POOL}' already exists and does not belong to this stack`),
  ]);
  expect(await readFile(join(bin, 'seen'), 'utf8')).toContain(`ensure pool '${POOL}' of project 'test'`);
  expect(existsSync(LOCK)).toBe(false);
});

test('waits for the lock of a dead holder of an image to expire, names it, and leaves no lock behind', async () => {
  const lock = [
    'cdktf-libvirt-ceph.lock.locked',
    'cdktf-libvirt-ceph',
    '--lock-type',
    'shared',
    '--lock-tag',
    'theirs',
  ];
  await rados('lock', 'get', ...lock, '--lock-duration', '20', '--lock-description', 'ensure of "somebody"');
  const { exitCode, stdout } = await runScript('rbd-image', 'ensure', image('locked'));
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`image '${POOL}/locked': waiting up to 10 minutes for ensure of "somebody"`);
  expect(await rados('ls')).not.toContain('.lock.');
});

test('keeps others from the lock of an image for longer than one renewal, whatever they try', async () => {
  const lock = { image: 'long', pool: POOL, cluster: clusterSpec(lab()) };
  const order: string[] = [];
  let second: Promise<void> | undefined;
  await tools().withLock(lock, async () => {
    second = tools().withLock(lock, async () => void order.push('second'));
    await sleep(18_000);
    const held = JSON.parse(
      await rados('lock', 'info', 'cdktf-libvirt-ceph.lock.long', 'cdktf-libvirt-ceph', '--format', 'json'),
    );
    expect(held.lockers).toHaveLength(1);
    order.push('first');
  });
  await second;
  expect(order).toEqual(['first', 'second']);
  expect(await rados('ls')).not.toContain('.lock.');
});

test('pipes one command into another, and a source that fails half-way never looks complete', async () => {
  const [whole, half] = [join(folder, 'whole'), join(folder, 'half')];
  await tools().pipe(local('seq', '200000'), local('sh', '-c', `cat >${whole}`));
  expect((await readFile(whole, 'utf8')).split('\n')).toHaveLength(200_001);
  const sink = local('sh', '-c', `cat >${half}.part && mv ${half}.part ${half}`);
  const failed = tools().pipe(local('sh', '-c', 'echo half; echo no more >&2; exit 3'), sink);
  await expect(failed).rejects.toThrow(/ended with 3: no more/);
  expect(existsSync(half)).toBe(false);
});

test('a sink that fails ends the source, and its error is reported', async () => {
  const failed = tools().pipe(local('yes'), local('sh', '-c', 'head -c 10 >/dev/null; echo full >&2; exit 28'));
  await expect(failed).rejects.toThrow(/ended with 28: full/);
});

test('ends a command that exceeds its time, shows progress line by line, and digests what it does not keep', async () => {
  const { exitCode, stderr } = await tools().attempt(local('sleep', '60'), { timeout: 1 });
  expect([exitCode, stderr]).toEqual([124, 'it did not end within 1 seconds and was stopped']);
  const lines: string[] = [];
  await tools().run(local('printf', ' (1.00/100%%)\\r (2.00/100%%)\\r\\n'), { onProgress: (line) => lines.push(line) });
  expect(lines).toEqual(['(1.00/100%)', '(2.00/100%)']);
  const sum = '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae';
  await expect(tools().digest(local('printf', 'foo \\n'))).resolves.toBe(sum);
});
