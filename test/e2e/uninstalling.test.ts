import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import {
  CephClientConfig,
  CephRbdStoragePool,
  ImageSource,
  LibvirtDriver,
  RbdBackedVm,
  RbdImage,
  Size,
} from '../../constructs';
import { terraformBinary } from '../../lib/cli/terraform-stack';
import { Deployment } from '../helpers/deploy';
import { useLab } from '../helpers/lab';
import { shBlocks } from '../helpers/sh-blocks';
import { until } from '../helpers/until';
import { Admin, world } from '../helpers/world';

const lab = useLab();
const BLOCKS = shBlocks('docs/uninstalling.md');
const folder = mkdtempSync(join(tmpdir(), 'gone-'));
const CONF = join(folder, 'ceph.conf');
/** What the page's first block sets, as it is here. */
const NAMES = `POOL=gone-pool CLIENT=gone IMAGE=gone-vm-root GOLDEN=gone-golden VM=gone-vm
USAGE='client.gone secret' CONF='${CONF}'`;

/** With marks of their own. */
const OBJECTS = ['client', 'conf', 'pool', 'secret', 'vm', 'vm-root'].map((object) => `gone-${object}`);

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs blocks of the page in one shell, where its tools find the lab; what they printed. */
async function typed(tracks: readonly string[], names = NAMES, cwd = folder): Promise<string> {
  const texts = tracks.map((track) => BLOCKS.find((block) => block.track === track)?.text ?? `no block '${track}'`);
  const script = ['set -e', names, ...texts].join('\n').replace(/^terraform\b/m, terraformBinary());
  const env = { CEPH_CONF: lab().cephConf, LIBVIRT_DEFAULT_URI: lab().hosts[0]?.virshUri };
  const { all, exitCode } = await execa('bash', ['-c', script], { cwd, env, all: true, reject: false });
  if (exitCode !== 0) throw new Error(`ended with ${exitCode}:\n${script}\n${all}`);
  return all;
}

test('The page sets the variables that its commands use', () => {
  const [first, ...others] = BLOCKS;
  const assigned = (text: string): string[] => [...text.matchAll(/\b([A-Z]+)=/g)].map(([, name = '']) => name);
  expect(assigned(first?.text ?? '')).toEqual(assigned(NAMES));
  const used = others.flatMap(({ text }) => [...text.matchAll(/\$([A-Z]+)/g)].map(([, name]) => name));
  const set = BLOCKS.flatMap(({ text }) => assigned(text));
  // Terraform prints the ID of its lock.
  expect(used.filter((name) => name !== 'ID' && !set.includes(name ?? ''))).toEqual([]);
});

describe('A stack that is given up', () => {
  const deployment = new Deployment('gone');
  let admin: Admin;

  const stackOf =
    (root: number) =>
    (stack: TerraformStack): void => {
      const { ceph, host } = world(stack, lab(), LibvirtDriver.VIRSH);
      const names = { poolName: 'gone-pool', clientId: 'gone' };
      const storage = new CephRbdStoragePool(stack, 'gone', { host, cluster: ceph, ...names });
      const golden = new RbdImage(stack, 'gone-golden', { pool: storage.pool, size: Size.mebibytes(8) });
      new CephClientConfig(stack, 'gone-conf', {
        host,
        client: storage.client,
        confFile: CONF,
        logFile: '/tmp/gone.log',
      });
      new RbdBackedVm(stack, 'gone-vm', {
        storage,
        vcpus: 1,
        memory: Size.mebibytes(64),
        rootDisk: { source: ImageSource.clone(golden), size: Size.mebibytes(root) },
      });
    };

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('gone-pool');
    writeFileSync(CONF, '[global]\nfsid = 1\n');
    await deployment.apply(stackOf(8));
  });

  afterAll(async () => {
    deployment.remove();
    await admin.clear('gone');
  });

  test("is freed from an image's lock that somebody took by hand, and its apply goes on", async () => {
    const lock = ['cdktf-libvirt-ceph.lock.gone-vm-root', 'cdktf-libvirt-ceph'];
    await admin.rados('--pool', 'gone-pool', 'lock', 'get', ...lock, '--lock-description', 'somebody by hand');
    const apply = deployment.synth(stackOf(16)).start('apply', '-auto-approve');
    let said = '';
    apply.all.on('data', (data) => (said += String(data)));
    await until('the apply waits', () => said.includes('for somebody by hand'), 30);
    expect(await typed(['imageLock'])).toContain('"description":"somebody by hand"');
    await typed(['freeImageLock']);
    expect({ said, code: (await apply).exitCode }).toMatchObject({ code: 0 });
    const { size } = JSON.parse(await admin.rbd('info', '--format', 'json', 'gone-pool/gone-vm-root')) as {
      size: number;
    };
    expect(size).toBe(16 * 2 ** 20);
  });

  test("is freed from a pool's lock that hangs", async () => {
    const file = '/run/lock/cdktf-libvirt-ceph-ceph-pool-gone-pool.lock';
    writeFileSync(file, 'ensure of somebody (process 1 on kvm9)\n');
    const holder = execa('flock', ['--no-fork', file, 'sleep', '600'], { reject: false });
    const isFree = async (): Promise<boolean> =>
      (await execa('flock', ['--nonblock', file, 'true'], { reject: false })).exitCode === 0;
    try {
      await until('the lock is held', async () => !(await isFree()));
      const shown = await typed(['fileLock']);
      expect(shown).toContain('ensure of somebody (process 1 on kvm9)');
      expect(shown).toMatch(new RegExp(`\\b${holder.pid}\\b`));
      await typed(['fileLock', 'freeFileLock']);
      expect((await holder).signal).toBe('SIGTERM');
    } finally {
      holder.kill();
    }
    expect(await isFree()).toBe(true);
  });

  test('shows who has an image open', async () => {
    expect(await typed(['watchers'])).toMatch(/auto \d+[^]*watcher=/);
  });

  test('has a mark on each object, which the page lists and clears', async () => {
    const keys = ['pool/gone-pool', 'client/gone'].map((key) => `cdktf-libvirt-ceph/${key}`);
    expect(Object.keys(JSON.parse(await typed(['keys'])) as object)).toEqual(expect.arrayContaining(keys));
    expect(await typed(['image'])).toMatch(/^cdktf-libvirt-ceph +\{[^]*^cdktf-libvirt-ceph\.source /m);
    expect(await typed(['vm'])).toMatch(/"stack":"gone"[^]*<alias name='ua-cdktf-vda'\/>/);
    expect(await typed(['secret'])).toContain('kept by cdktf-libvirt-ceph');
    expect(await typed(['conf'])).toContain('\n[client.gone]\n');
    expect(await typed(['golden'])).toMatch(/cdktf-libvirt-ceph[^]*^gone-pool\/gone-vm-root$/m);

    await typed(['clearKeys', 'clearImage', 'clearVm', 'secret', 'clearSecret', 'clearConf']);
    const left = Object.keys(JSON.parse(await typed(['keys'])) as object);
    expect(left.filter((key) => keys.includes(key))).toEqual([]);
    expect(await typed(['image'])).not.toContain('cdktf-libvirt-ceph');
    await expect(typed(['vm'])).rejects.toThrow(/metadata not found/);
    expect(await admin.virsh('dumpxml', '--inactive', 'gone-vm')).not.toContain('urn:cdktf-libvirt-ceph:mark');
    await expect(typed(['secret'])).rejects.toThrow(/ended with 1/);
    expect(readFileSync(CONF, 'utf8')).toBe('[global]\nfsid = 1\n[client.gone]\nlog file = /tmp/gone.log\n');
  });

  test('goes on without them, and is nothing that an apply takes over', async () => {
    expect(await admin.virsh('domstate', 'gone-vm')).toBe('running');
    // Which libvirt can only start with the value of the secret.
    await admin.virsh('pool-destroy', 'gone');
    await admin.virsh('pool-start', 'gone');
    const unmarked = (await deployment.differences()).filter((line) =>
      /does not belong to this stack;|that this tool did not create;/.test(line),
    );
    expect(unmarked.map((line) => line.split(':', 1)[0]).sort()).toEqual(OBJECTS);
    expect(unmarked.find((line) => line.startsWith('gone-vm:'))).toMatch(/; it has no mark$/);
    const another = new Deployment('gone');
    try {
      const output = await another.failToDeploy(stackOf(16));
      expect(output).toMatch(/pool 'gone-pool' already exists and does not belong to this stack/);
    } finally {
      another.remove();
    }
  });

  test('is removed by hand, to the last pool', async () => {
    await admin.virsh('destroy', 'gone-vm');
    await admin.virsh('undefine', 'gone-vm');
    await admin.rbd('rm', '--no-progress', 'gone-pool/gone-vm-root');
    await typed(['clearGolden']);
    expect(await admin.rbd('snap', 'ls', '--all', 'gone-pool/gone-golden')).toBe('');
    await admin.virsh('pool-destroy', 'gone');
    await admin.virsh('pool-undefine', 'gone');
    await admin.ceph('auth', 'rm', 'client.gone');
    await admin.virsh('secret-undefine', await secret());
    await typed(['pool']);
    expect(await admin.inventory('gone')).toEqual([]);
    expect(await admin.ceph('config', 'get', 'mon', 'mon_allow_pool_delete')).toBe('false');
  });

  async function secret(): Promise<string> {
    return /(\S+) +ceph +client\.gone secret/.exec(await admin.virsh('secret-list'))?.[1] ?? '';
  }
});

test("Terraform's lock of a state that outlived its holder is freed", async () => {
  const held = { ID: '11111111-1111-4111-8111-111111111111', Operation: 'OperationTypeApply', Who: 'somebody@kvm9' };
  let lock: object | undefined = held;
  const server = createServer((request, response) => {
    if (request.method === 'UNLOCK') lock = undefined;
    const refused = request.method === 'LOCK' && lock !== undefined;
    response.writeHead(refused ? 423 : request.method === 'GET' ? 204 : 200);
    response.end(refused ? JSON.stringify(lock) : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/state`;
  const backend = { http: { address, lock_address: address, unlock_address: address } };
  writeFileSync(join(folder, 'main.tf.json'), JSON.stringify({ terraform: { backend } }));
  const terraform = (...args: string[]) =>
    execa(terraformBinary(), [...args, '-no-color', '-input=false'], { cwd: folder, all: true, reject: false });
  try {
    await terraform('init');
    const refused = await terraform('plan');
    expect(refused.all).toMatch(/Error acquiring the state lock/);
    const id = /locked:\s+ID=(\S+)/.exec(refused.all)?.[1];
    expect(id).toBe(held.ID);
    await typed(['freeState'], `ID=${id}`);
    expect((await terraform('plan')).exitCode).toBe(0);
  } finally {
    server.close();
  }
});
