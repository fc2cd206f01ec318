import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import { CephClient, CephPool, ImageSource, LibvirtCephSecret, RbdBackedVm, RbdImage, Size } from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();
const POOL = 'auth-pool';
const FOREIGN = 'allow r pool=device_health_metrics';
const CONSOLE = 'auth-vm-console.log';

interface Parts {
  readonly keyGeneration?: number;
  /** Which of the two clients the code has, and which of them the VM uses. */
  readonly clients?: readonly ('auth-one' | 'auth-two')[];
  readonly use?: 'auth-one' | 'auth-two';
  readonly readOther?: boolean;
}

function stackWith({ keyGeneration, clients = ['auth-one'], use = 'auth-one', readOther }: Parts = {}) {
  return (stack: TerraformStack): void => {
    const { ceph, host } = world(stack, lab());
    const pool = new CephPool(stack, POOL, { cluster: ceph });
    const golden = new RbdImage(stack, 'golden', { pool, source: ImageSource.file(lab().guestImage) });
    for (const clientId of clients) {
      const client = new CephClient(stack, clientId, {
        cluster: ceph,
        keyGeneration: clientId === 'auth-one' ? keyGeneration : undefined,
      });
      pool.grantReadWrite(client);
      if (readOther)
        CephPool.fromPoolName(stack, 'other', { cluster: ceph, poolName: 'auth-other' }).grantReadOnly(client);
      const secret = new LibvirtCephSecret(stack, `${clientId}-secret`, { host, client, private: false });
      new LibvirtCephSecret(stack, `${clientId}-second`, { host, client, usage: `${clientId} second` });
      if (clientId !== use) continue;
      new RbdBackedVm(stack, 'auth-vm', {
        secret,
        vcpus: 1,
        memory: Size.mebibytes(256),
        rootDisk: { image: new RbdImage(stack, 'auth-root', { pool, source: ImageSource.clone(golden) }) },
        serialLogFile: `/var/log/libvirt/qemu/${CONSOLE}`,
      });
    }
  };
}

describe('a client, its capabilities and its key, day after day', () => {
  const deployment = new Deployment('auth');
  const folder = mkdtempSync(join(tmpdir(), 'clc-keys-'));
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(POOL, 'auth-other');
    await admin.ceph('osd', 'pool', 'create', 'auth-other', '1');
    await deployment.deploy(stackWith());
    await admin.seen(CONSOLE, /^GUEST UP/);
  }, 180_000);

  afterAll(async () => {
    await admin.virsh('destroy', 'auth-vm').catch(() => '');
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    rmSync(folder, { recursive: true });
    await admin.wipe(POOL, 'auth-other');
  }, 120_000);

  test('a difference of capabilities is shown and set, and what others gave it stays', async () => {
    await admin.ceph(
      'auth',
      'caps',
      'client.auth-one',
      'mon',
      'profile rbd',
      'osd',
      `${FOREIGN}, profile rbd pool=${POOL}`,
    );
    expect((await deployment.differences()).join('\n')).toContain(`'mgr profile rbd pool=${POOL}' is missing`);
    const output = await deployment.deploy(stackWith({ readOther: true }));
    expect(output).toContain(`'osd profile rbd-read-only pool=auth-other' is missing`);
    expect(await caps()).toEqual({
      mon: 'profile rbd',
      mgr: `profile rbd-read-only pool=auth-other, profile rbd pool=${POOL}`,
      osd: `${FOREIGN}, profile rbd pool=${POOL}, profile rbd-read-only pool=auth-other`,
    });
    const back = await deployment.deploy(stackWith());
    expect(back).toContain(`'osd profile rbd-read-only pool=auth-other' is no longer wanted`);
    expect((await caps())['osd']).toBe(`${FOREIGN}, profile rbd pool=${POOL}`);
  }, 120_000);

  describe('rotation in place, by keyGeneration', () => {
    let old: string;

    test('seed 7: the new key works, in every secret at once, and the old one does not; the VM runs on', async () => {
      old = await key('auth-one');
      const id = await admin.virsh('domid', 'auth-vm');
      const output = await deployment.deploy(stackWith({ keyGeneration: 2 }));
      expect(output).toContain('the old key is void; what is connected goes on until its ticket ends');
      expect(await key('auth-one')).not.toBe(old);
      expect(await opens('auth-one', old)).toMatch(/Permission denied|Operation not permitted|error connecting/);
      expect(await opens('auth-one', await key('auth-one'))).toBe('');
      expect(await valueOf('client.auth-one secret')).toBe(await key('auth-one'));
      expect(await admin.virsh('domid', 'auth-vm')).toBe(id);
      await admin.virsh('blockresize', 'auth-vm', 'vda', '72M'); // its QEMU still writes to Ceph
      expect(await admin.rbd('info', `${POOL}/auth-root`)).toContain('size 72 MiB');
    }, 120_000);

    test('the VM starts with the new key', async () => {
      await admin.virsh('destroy', 'auth-vm');
      await admin.virsh('start', 'auth-vm');
      expect(await admin.seen(CONSOLE, /^GUEST UP/)).toBeTruthy();
    }, 120_000);

    test('nothing but a new number rotates: not a second apply, a taint, an older number or none', async () => {
      const rotated = await key('auth-one');
      await deployment.deploy(stackWith({ keyGeneration: 2 }));
      await deployment.must('taint', 'terraform_data.auth-one');
      await deployment.must('taint', 'terraform_data.auth-one-secret');
      await deployment.deploy(stackWith({ keyGeneration: 2 }));
      const output = await deployment.deploy(stackWith({ keyGeneration: 1 }));
      expect(output.replace(/\n/g, ' ')).toContain(
        'its key is of generation 2, 1 does nothing; a new key needs a number above 2',
      );
      await deployment.deploy(stackWith());
      expect(await key('auth-one')).toBe(rotated);
      expect(await valueOf('client.auth-one secret')).toBe(rotated);
    }, 120_000);
  });

  describe('rotation by a successor', () => {
    test('a VM moves over to another client at its next boot', async () => {
      const id = await admin.virsh('domid', 'auth-vm');
      await deployment.deploy(stackWith({ clients: ['auth-one', 'auth-two'], use: 'auth-two' }));
      expect(await admin.virsh('domid', 'auth-vm')).toBe(id);
      expect(await admin.virsh('dumpxml', 'auth-vm')).toContain(`<auth username='auth-one'>`);
      expect(await admin.virsh('dumpxml', '--inactive', 'auth-vm')).toContain(`<auth username='auth-two'>`);
    }, 120_000);

    test('fails to remove the old one while the VM still runs with it', async () => {
      const said = await deployment.failToDeploy(stackWith({ clients: ['auth-two'], use: 'auth-two' }));
      expect(said).toContain(`secret 'client.auth-one secret' is named by VM 'auth-vm'`);
      expect(await admin.ceph('auth', 'get-key', 'client.auth-one')).toBeTruthy();
    }, 120_000);

    test('fails to remove a client that anything is connected as, also without a secret that we know', async () => {
      const [{ spec }] = [(await deployment.specs())['auth-two'] as { spec: object }];
      const own = JSON.parse(await admin.ceph('config-key', 'get', 'cdktf-libvirt-ceph/client/auth-one')) as {
        token: string;
      };
      const removal = { ...spec, id: 'auth-one', token: own.token, removalPolicy: 'delete' };
      const { exitCode, stderr } = await deployment.script('ceph-client', 'remove', removal);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/'client.auth-one' is in use: connected are client\.\d+ at /);
      expect(await key('auth-one')).toBeTruthy();
    }, 120_000);

    test('it goes once the VM was restarted', async () => {
      await admin.virsh('destroy', 'auth-vm');
      await admin.virsh('start', 'auth-vm');
      await deployment.deploy(stackWith({ clients: ['auth-two'], use: 'auth-two' }));
      expect(await admin.inventory('auth-')).toEqual(expect.not.arrayContaining(['client client.auth-one']));
      expect((await admin.inventory('auth-')).filter((line) => line.startsWith('secret'))).toEqual([
        'secret auth-two second',
        'secret client.auth-two secret',
      ]);
    }, 120_000);
  });

  async function key(clientId: string): Promise<string> {
    return (await admin.ceph('auth', 'get-key', `client.${clientId}`)).trim();
  }

  async function caps(): Promise<{ readonly [daemon: string]: string }> {
    const [auth] = JSON.parse(await admin.ceph('auth', 'get', 'client.auth-one', '--format', 'json')) as {
      caps: { [daemon: string]: string };
    }[];
    return auth?.caps ?? {};
  }

  /** What `rbd` says when it lists the pool with a key; empty: it may. */
  async function opens(clientId: string, secret: string): Promise<string> {
    const keyring = join(folder, 'keyring');
    writeFileSync(keyring, `[client.${clientId}]\n\tkey = ${secret}\n`);
    const args = ['--conf', lab().cephConf, '--id', clientId, '--keyring', keyring, 'ls', POOL];
    const { exitCode, stderr } = await execa('rbd', args, { reject: false });
    return exitCode === 0 ? '' : stderr;
  }

  async function valueOf(usage: string): Promise<string> {
    const line = (await admin.virsh('secret-list')).split('\n').find((one) => one.endsWith(usage));
    return (await admin.virsh('secret-get-value', line?.trim().split(/ +/)[0] ?? '')).trim();
  }
});
