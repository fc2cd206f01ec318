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
import { describeByDriver, onceFor } from '../helpers/drivers';
import { useLab } from '../helpers/lab';
import { Admin, world } from '../helpers/world';

const lab = useLab();
describeByDriver('The steps of the Ceph page, deployed', (driver, prefix) => {
  const once = onceFor(driver);
  const name = `${prefix}seed`;
  const CONSOLE = `${name}-vm-console.log`;

  /** The long way, as on Ceph's page: every step is a construct. */
  function stackOfThePage(stack: TerraformStack): void {
    const { ceph, host } = world(stack, lab(), driver);
    const pool = new CephPool(stack, `${name}-pool`, { cluster: ceph, pgNum: 8, removalPolicy: RemovalPolicy.RETAIN });
    const other = new CephPool(stack, `${name}-other`, { cluster: ceph, pgNum: 1 });
    const client = new CephClient(stack, `${name}-libvirt`, { cluster: ceph });
    pool.grantReadWrite(client);
    const secret = new LibvirtCephSecret(stack, 'secret', { host, client, private: false });
    const storage = new CephRbdStoragePool(stack, `${name}-storage`, { host, pool, client, secret });
    new RbdImage(stack, `${name}-blank`, { pool, size: Size.gibibytes(2) });
    new RbdImage(stack, `${name}-foreign`, { pool: other, size: Size.mebibytes(8) });
    const golden = new RbdImage(stack, `${name}-golden`, { pool, source: ImageSource.file(lab().quickGuestImage) });
    new RbdBackedVm(stack, `${name}-vm`, {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(256),
      rootDisk: { source: ImageSource.clone(golden), size: Size.mebibytes(128) },
      dataDisks: [{ target: 'vdb', size: Size.mebibytes(64), serial: `${name}-data` }],
      networkInterfaces: [{ source: NetworkSource.network(lab().network) }],
      serialLogFile: `/var/log/libvirt/qemu/${CONSOLE}`,
    });
  }

  const deployment = new Deployment(name);
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(`${name}-pool`, `${name}-other`);
    await deployment.deploy(stackOfThePage);
  });

  afterAll(async () => {
    deployment.remove();
    await admin.clear(name);
  });

  once('seed 1: the pool is made with its placement groups', async () => {
    expect(await admin.ceph('osd', 'lspools')).toMatch(new RegExp(String.raw`^\d+ ${name}-pool$`, 'm'));
    expect(await admin.ceph('osd', 'pool', 'get', `${name}-pool`, 'pg_num')).toBe('pg_num: 8');
  });

  once('seed 2: the pool is initialised for RBD', async () => {
    expect(JSON.parse(await admin.ceph('osd', 'pool', 'application', 'get', `${name}-pool`))).toHaveProperty('rbd');
  });

  once('seed 3: the client has the rbd profile on that pool and is refused on another', async () => {
    const auth = await admin.ceph('auth', 'get', `client.${name}-libvirt`);
    expect(auth).toContain('caps mon = "profile rbd"');
    expect(auth).toContain(`caps osd = "profile rbd pool=${name}-pool"`);
    const keyring = join(deployment.folder, 'keyring');
    writeFileSync(keyring, `${auth}\n`, { mode: 0o600 });
    const as = ['--conf', lab().cephConf, '--id', `${name}-libvirt`, '--keyring', keyring];
    expect((await execa('rbd', [...as, 'ls', `${name}-pool`])).stdout).toContain(`${name}-blank`);
    const refused = await execa('rbd', [...as, 'info', `${name}-other/${name}-foreign`], { reject: false });
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain('Operation not permitted');
    rmSync(keyring);
  });

  once('seed 5: the secret is defined for Ceph, and not ephemeral', async () => {
    expect(await admin.virsh('secret-list')).toMatch(new RegExp(String.raw`ceph client\.${name}-libvirt secret$`, 'm'));
    const uuid = await secretUuid();
    const xml = await admin.virsh('secret-dumpxml', uuid);
    expect(xml).toContain("<secret ephemeral='no' private='no'>");
    expect(xml).toContain("<usage type='ceph'>");
  });

  once("seed 6: the secret holds the client's key", async () => {
    const value = await admin.virsh('secret-get-value', await secretUuid());
    expect(value.trim()).toBe((await admin.ceph('auth', 'get-key', `client.${name}-libvirt`)).trim());
  });

  test('seed 8: the storage pool runs, with monitors, user and secret', async () => {
    const xml = await admin.virsh('pool-dumpxml', `${name}-storage`);
    const [host = '', port = ''] = lab().monitors[0]?.split(':') ?? [];
    expect(xml).toContain(`<host name='${host}' port='${port}'/>`);
    expect(xml).toContain(`<name>${name}-pool</name>`);
    expect(xml).toContain(`<auth type='ceph' username='${name}-libvirt'>`);
    expect(xml).toContain(`<secret uuid='${await secretUuid()}'/>`);
    expect(await admin.virsh('pool-info', `${name}-storage`)).toMatch(/State: +running/);
  });

  once('seed 9: the blank image is in Ceph, and QEMU reads it', async () => {
    expect((await admin.rbd('-p', `${name}-pool`, 'ls')).split('\n')).toContain(`${name}-blank`);
    const { stdout } = await execa('qemu-img', ['info', `rbd:${name}-pool/${name}-blank:conf=${lab().cephConf}`]);
    expect(stdout).toContain('virtual size: 2 GiB');
  });

  test('seed 11: the volumes show in libvirt, and a volume made there shows in Ceph', async () => {
    await admin.virsh('pool-refresh', `${name}-storage`);
    expect(await admin.virsh('vol-list', `${name}-storage`)).toMatch(
      new RegExp(String.raw`${name}-blank +${name}-pool/${name}-blank`),
    );
    await admin.virsh('vol-create-as', `${name}-storage`, `${name}-made-there`, '8M', '--format', 'raw');
    expect((await admin.rbd('ls', `${name}-pool`)).split('\n')).toContain(`${name}-made-there`);
    await admin.rbd('rm', '--no-progress', `${name}-pool/${name}-made-there`);
  });

  once('seed 12: virt-install makes a VM on the storage pool', async () => {
    await admin.rbd(
      'clone',
      '--rbd-default-clone-format',
      '2',
      `${name}-pool/${name}-golden@cdktf-libvirt-ceph`,
      `${name}-pool/${name}-by-hand`,
    );
    const vm = [
      '--name',
      `${name}-by-hand`,
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
      `vol=${name}-storage/${name}-by-hand`,
      '--network',
      'none',
      '--graphics',
      'none',
      '--noautoconsole',
    ];
    const log = `/var/log/libvirt/qemu/${name}-by-hand-console.log`;
    await admin.virsh('pool-refresh', `${name}-storage`);
    try {
      const connect = ['--connect', lab().hosts[0]?.virshUri ?? ''];
      await execa('virt-install', [...connect, ...vm, ...disk, '--serial', `pty,log.file=${log}`], { stdin: 'ignore' });
      expect(await admin.seen(`${name}-by-hand-console.log`, /^GUEST UP/)).toMatch(/GUEST UP/);
    } finally {
      await admin.virsh('destroy', `${name}-by-hand`).catch(() => '');
      await admin.virsh('undefine', `${name}-by-hand`).catch(() => '');
      await admin.rbd('rm', '--no-progress', `${name}-pool/${name}-by-hand`);
    }
  });

  test('seed 13: the disk is a network disk of RBD, raw, with its hosts, auth and target', async () => {
    const xml = await admin.virsh('dumpxml', '--inactive', `${name}-vm`);
    expect(xml).toContain("<disk type='network' device='disk'>");
    expect(xml).toMatch(/<driver name='qemu' type='raw'/);
    expect(xml).toContain(`<source protocol='rbd' name='${name}-pool/${name}-vm-root'`);
    expect(xml).toContain(`<auth username='${name}-libvirt'>`);
    expect(xml).toContain(`<secret type='ceph' usage='client.${name}-libvirt secret'/>`);
    expect(xml).toContain("<target dev='vda' bus='virtio'/>");
  });

  test('seed 14: the VM boots from a clone of the imported image', async () => {
    expect(await admin.seen(CONSOLE, /^GUEST UP/)).toMatch(/GUEST UP/);
    expect(await admin.rbd('info', `${name}-pool/${name}-vm-root`)).toContain(`parent: ${name}-pool/${name}-golden@`);
  });

  test('seed 15: the VM has its name and runs', async () => {
    expect(await admin.virsh('list')).toMatch(new RegExp(String.raw`\b${name}-vm +running$`, 'm'));
  });

  test('seed 18: the monitors reach the disk as they were given', async () => {
    const [host = '', port = ''] = lab().monitors[0]?.split(':') ?? [];
    expect(await admin.virsh('dumpxml', `${name}-vm`)).toContain(`<host name='${host}' port='${port}'/>`);
  });

  once('seed 19: Ceph is healthy', async () => {
    expect(await admin.ceph('health')).toMatch(/^HEALTH_(OK|WARN)/);
  });

  test('seed 20: virsh lists the VM', async () => {
    expect((await admin.virsh('list', '--name')).split('\n')).toContain(`${name}-vm`);
  });

  test("seed 21: QEMU's monitor shows the disk on RBD", async () => {
    const block = await admin.virsh('qemu-monitor-command', '--hmp', `${name}-vm`, 'info block');
    expect(block).toContain(`${name}-pool`);
    expect(block).toContain(`${name}-vm-root`);
  });

  test('seed 22: the guest lists its disks', async () => {
    expect(await admin.seen(CONSOLE, /^DISK vda SIZE 134217728 BUS virtio/)).toBeTruthy();
    expect(
      await admin.seen(CONSOLE, new RegExp(String.raw`^DISK vdb SIZE 67108864 BUS virtio SERIAL ${name}-data`)),
    ).toBeTruthy();
  });

  test('the plan is empty after the deployment, and every object is as its spec says', async () => {
    await deployment.expectWhole();
  });

  async function secretUuid(): Promise<string> {
    const line = (await admin.virsh('secret-list'))
      .split('\n')
      .find((one) => one.includes(`client.${name}-libvirt secret`));
    return line?.trim().split(/ +/)[0] ?? '';
  }
});
