import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import {
  CephClient,
  CephPool,
  CephRbdStoragePool,
  ImageSource,
  LibvirtCephSecret,
  NetworkSource,
  RbdBackedVm,
  RbdImage,
  RemovalPolicy,
  Size,
} from '../../constructs';
import { Deployment } from '../helpers/deploy';
import { useLab } from '../helpers/lab';
import { Admin, world } from '../helpers/world';

const lab = useLab();
const CONSOLE = 'seed-vm-console.log';

/** The long way, as the page goes: every step is a construct of its own. */
function stackOfThePage(stack: TerraformStack): void {
  const { ceph, host } = world(stack, lab());
  const pool = new CephPool(stack, 'seed-pool', { cluster: ceph, pgNum: 8, removalPolicy: RemovalPolicy.RETAIN });
  const other = new CephPool(stack, 'seed-other', { cluster: ceph, pgNum: 1 });
  const client = new CephClient(stack, 'seed-libvirt', { cluster: ceph });
  pool.grantReadWrite(client);
  const secret = new LibvirtCephSecret(stack, 'secret', { host, client, private: false });
  const storage = new CephRbdStoragePool(stack, 'seed-storage', { host, pool, client, secret });
  new RbdImage(stack, 'seed-blank', { pool, size: Size.gibibytes(2) });
  new RbdImage(stack, 'seed-foreign', { pool: other, size: Size.mebibytes(8) });
  const golden = new RbdImage(stack, 'seed-golden', { pool, source: ImageSource.file(lab().guestImage) });
  new RbdBackedVm(stack, 'seed-vm', {
    storage,
    vcpus: 1,
    memory: Size.mebibytes(256),
    rootDisk: { source: ImageSource.clone(golden), size: Size.mebibytes(128) },
    dataDisks: [{ target: 'vdb', size: Size.mebibytes(64), serial: 'seed-data' }],
    networkInterfaces: [{ source: NetworkSource.network(lab().network) }],
    serialLogFile: `/var/log/libvirt/qemu/${CONSOLE}`,
  });
}

describe('the steps of the Ceph page, deployed', () => {
  const deployment = new Deployment('seed');
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('seed-pool', 'seed-other');
    await deployment.deploy(stackOfThePage);
  }, 300_000);

  afterAll(async () => {
    await deployment.destroy();
    deployment.remove();
    await admin.wipe('seed-pool', 'seed-other');
  }, 300_000);

  test('seed 1: the pool is made with its placement groups', async () => {
    expect(await admin.ceph('osd', 'lspools')).toMatch(/^\d+ seed-pool$/m);
    expect(await admin.ceph('osd', 'pool', 'get', 'seed-pool', 'pg_num')).toBe('pg_num: 8');
  });

  test('seed 2: the pool is initialised for RBD', async () => {
    expect(JSON.parse(await admin.ceph('osd', 'pool', 'application', 'get', 'seed-pool'))).toHaveProperty('rbd');
  });

  test('seed 3: the client has the rbd profile on that pool and is refused on another', async () => {
    const auth = await admin.ceph('auth', 'get', 'client.seed-libvirt');
    expect(auth).toContain('caps mon = "profile rbd"');
    expect(auth).toContain('caps osd = "profile rbd pool=seed-pool"');
    const keyring = join(deployment.folder, 'keyring');
    writeFileSync(keyring, `${auth}\n`, { mode: 0o600 });
    const as = ['--conf', lab().cephConf, '--id', 'seed-libvirt', '--keyring', keyring];
    expect((await execa('rbd', [...as, 'ls', 'seed-pool'])).stdout).toContain('seed-blank');
    const refused = await execa('rbd', [...as, 'info', 'seed-other/seed-foreign'], { reject: false });
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain('Operation not permitted');
    rmSync(keyring);
  });

  test('seed 5: the secret is defined for Ceph, and not ephemeral', async () => {
    expect(await admin.virsh('secret-list')).toMatch(/ceph client\.seed-libvirt secret$/m);
    const uuid = await secretUuid();
    const xml = await admin.virsh('secret-dumpxml', uuid);
    expect(xml).toContain("<secret ephemeral='no' private='no'>");
    expect(xml).toContain("<usage type='ceph'>");
  });

  test("seed 6: the secret holds the client's key", async () => {
    const value = await admin.virsh('secret-get-value', await secretUuid());
    expect(value.trim()).toBe((await admin.ceph('auth', 'get-key', 'client.seed-libvirt')).trim());
  });

  test('seed 8: the storage pool runs, with monitors, user and secret', async () => {
    const xml = await admin.virsh('pool-dumpxml', 'seed-storage');
    const [host = '', port = ''] = lab().monitors[0]?.split(':') ?? [];
    expect(xml).toContain(`<host name='${host}' port='${port}'/>`);
    expect(xml).toContain('<name>seed-pool</name>');
    expect(xml).toContain("<auth type='ceph' username='seed-libvirt'>");
    expect(xml).toContain(`<secret uuid='${await secretUuid()}'/>`);
    expect(await admin.virsh('pool-info', 'seed-storage')).toMatch(/State: +running/);
  });

  test('seed 9: the blank image is in Ceph, and QEMU reads it', async () => {
    expect((await admin.rbd('-p', 'seed-pool', 'ls')).split('\n')).toContain('seed-blank');
    const { stdout } = await execa('qemu-img', ['info', `rbd:seed-pool/seed-blank:conf=${lab().cephConf}`]);
    expect(stdout).toContain('virtual size: 2 GiB');
  });

  test('seed 11: the volumes show in libvirt, and a volume made there shows in Ceph', async () => {
    await admin.virsh('pool-refresh', 'seed-storage');
    expect(await admin.virsh('vol-list', 'seed-storage')).toMatch(/seed-blank +seed-pool\/seed-blank/);
    await admin.virsh('vol-create-as', 'seed-storage', 'seed-made-there', '8M', '--format', 'raw');
    expect((await admin.rbd('ls', 'seed-pool')).split('\n')).toContain('seed-made-there');
    await admin.rbd('rm', '--no-progress', 'seed-pool/seed-made-there');
  });

  test('seed 12: virt-install makes a VM on the storage pool', async () => {
    await admin.rbd(
      'clone',
      '--rbd-default-clone-format',
      '2',
      'seed-pool/seed-golden@cdktf-libvirt-ceph',
      'seed-pool/seed-by-hand',
    );
    const vm = [
      '--name',
      'seed-by-hand',
      '--memory',
      '256',
      '--vcpus',
      '1',
      '--virt-type',
      'qemu',
      '--osinfo',
      'linux2022',
    ];
    const disk = [
      '--import',
      '--disk',
      'vol=seed-storage/seed-by-hand',
      '--network',
      'none',
      '--graphics',
      'none',
      '--noautoconsole',
    ];
    const log = '/var/log/libvirt/qemu/seed-by-hand-console.log';
    await admin.virsh('pool-refresh', 'seed-storage');
    try {
      const connect = ['--connect', lab().hosts[0]?.virshUri ?? ''];
      await execa('virt-install', [...connect, ...vm, ...disk, '--serial', `pty,log.file=${log}`], { stdin: 'ignore' });
      expect(await admin.seen('seed-by-hand-console.log', /^GUEST UP/)).toMatch(/GUEST UP/);
    } finally {
      await admin.virsh('destroy', 'seed-by-hand').catch(() => '');
      await admin.virsh('undefine', 'seed-by-hand').catch(() => '');
      await admin.rbd('rm', '--no-progress', 'seed-pool/seed-by-hand');
    }
  }, 180_000);

  test('seed 13: the disk is a network disk of RBD, raw, with its hosts, auth and target', async () => {
    const xml = await admin.virsh('dumpxml', '--inactive', 'seed-vm');
    expect(xml).toContain("<disk type='network' device='disk'>");
    expect(xml).toMatch(/<driver name='qemu' type='raw'/);
    expect(xml).toContain("<source protocol='rbd' name='seed-pool/seed-vm-root'");
    expect(xml).toContain("<auth username='seed-libvirt'>");
    expect(xml).toContain("<secret type='ceph' usage='client.seed-libvirt secret'/>");
    expect(xml).toContain("<target dev='vda' bus='virtio'/>");
  });

  test('seed 14: the VM boots from a clone of the imported image', async () => {
    expect(await admin.seen(CONSOLE, /^GUEST UP/)).toMatch(/GUEST UP/);
    expect(await admin.rbd('info', 'seed-pool/seed-vm-root')).toContain('parent: seed-pool/seed-golden@');
  }, 180_000);

  test('seed 15: the VM has its name and runs', async () => {
    expect(await admin.virsh('list')).toMatch(/\bseed-vm +running$/m);
  });

  test('seed 18: the monitors reach the disk as they were given', async () => {
    const [host = '', port = ''] = lab().monitors[0]?.split(':') ?? [];
    expect(await admin.virsh('dumpxml', 'seed-vm')).toContain(`<host name='${host}' port='${port}'/>`);
  });

  test('seed 19: Ceph is healthy', async () => {
    expect(await admin.ceph('health')).toMatch(/^HEALTH_(OK|WARN)/);
  });

  test('seed 20: virsh lists the VM', async () => {
    expect((await admin.virsh('list', '--name')).split('\n')).toContain('seed-vm');
  });

  test("seed 21: QEMU's monitor shows the disk on RBD", async () => {
    const block = await admin.virsh('qemu-monitor-command', '--hmp', 'seed-vm', 'info block');
    expect(block).toContain('seed-pool');
    expect(block).toContain('seed-vm-root');
  });

  test('seed 22: the guest lists its disks', async () => {
    expect(await admin.seen(CONSOLE, /^DISK vda SIZE 134217728 BUS virtio/)).toBeTruthy();
    expect(await admin.seen(CONSOLE, /^DISK vdb SIZE 67108864 BUS virtio SERIAL seed-data/)).toBeTruthy();
  }, 180_000);

  test('the plan is empty after the deployment, and every object is as its spec says', async () => {
    expect(await deployment.plannedChanges()).toEqual([]);
    expect(await deployment.differences()).toEqual([]);
  }, 120_000);

  async function secretUuid(): Promise<string> {
    const line = (await admin.virsh('secret-list'))
      .split('\n')
      .find((one) => one.includes('client.seed-libvirt secret'));
    return line?.trim().split(/ +/)[0] ?? '';
  }
});
