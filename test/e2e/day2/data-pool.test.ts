import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import {
  CephPool,
  CephRbdStoragePool,
  ImageSource,
  LibvirtDriver,
  RbdBackedVm,
  RbdImage,
  Size,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();
const CONSOLE = 'ec-vm-console.log';
/** The administrator's erasure-coded pools; the second one as Ceph makes it: without overwrites. */
const [DATA, RAW] = ['ec-data', 'ec-raw'];

interface Parts {
  readonly driver: LibvirtDriver;
  readonly size?: number;
  readonly raw?: boolean;
}

/** A VM whose root disk is a clone; its data, that of its parent and that of the other disk are in another pool. */
function stackWith({ driver, size = 16, raw = false }: Parts): (stack: TerraformStack) => void {
  return (stack) => {
    const { ceph, host } = world(stack, lab(), driver);
    const access = { poolName: 'ec-pool', clientId: 'ec-client' };
    const storage = new CephRbdStoragePool(stack, 'ec-storage', { host, cluster: ceph, ...access });
    const { pool } = storage;
    const dataPool = CephPool.fromPoolName(stack, 'data', { cluster: ceph, poolName: DATA });
    const golden = new RbdImage(stack, 'ec-golden', {
      pool,
      dataPool,
      source: ImageSource.file(lab().bootSectorImage),
    });
    const root = new RbdImage(stack, 'ec-root', { pool, dataPool, source: ImageSource.clone(golden) });
    const vdb = new RbdImage(stack, 'ec-vdb', { pool, dataPool, size: Size.mebibytes(size) });
    new RbdBackedVm(stack, 'ec-vm', {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(64),
      rootDisk: { image: root },
      dataDisks: [{ image: vdb, target: 'vdb' }],
      serialLogFile: `/var/log/libvirt/qemu/${CONSOLE}`,
    });
    if (!raw) return;
    const without = CephPool.fromPoolName(stack, 'raw', { cluster: ceph, poolName: RAW });
    new RbdImage(stack, 'ec-none', { pool, dataPool: without, size: Size.mebibytes(8) });
  };
}

// A data pool is in no definition of a VM, so the driver has no part in it.
const driver = LibvirtDriver.VIRSH;

describe('The data of images in an erasure-coded pool', () => {
  const deployment = new Deployment('ec');
  const folder = mkdtempSync(join(tmpdir(), 'ec-'));
  let admin: Admin;
  let start = 0;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('ec-pool', DATA, RAW);
    await makePools();
    start = admin.console(CONSOLE).length;
    await deployment.deploy(stackWith({ driver }));
  });

  afterAll(async () => {
    deployment.remove();
    await admin.clear('ec-');
    await admin.ceph('osd', 'crush', 'rule', 'rm', 'ec-rule');
    await admin.ceph('osd', 'erasure-code-profile', 'rm', 'ec-profile');
    rmSync(folder, { recursive: true });
  });

  /** Two data chunks and a coding one, all on the lab's one OSD: CRUSH takes it once a step. */
  async function makePools(): Promise<void> {
    await admin.ceph('osd', 'crush', 'rule', 'rm', 'ec-rule');
    const [map, text] = [join(folder, 'map'), join(folder, 'map.txt')];
    await admin.ceph('osd', 'getcrushmap', '-o', map);
    await execa('crushtool', ['-d', map, '-o', text]);
    const one = 'step take default\nstep choose indep 1 type osd\nstep emit\n';
    const rule = `rule ec-rule {\nid 99\ntype erasure\nmin_size 3\nmax_size 3\n${one.repeat(3)}}\n`;
    writeFileSync(text, `${readFileSync(text, 'utf8')}\n${rule}`);
    await execa('crushtool', ['-c', text, '-o', map]);
    await admin.ceph('osd', 'setcrushmap', '-i', map);
    await admin.ceph('osd', 'erasure-code-profile', 'set', 'ec-profile', 'k=2', 'm=1', 'crush-failure-domain=osd');
    for (const pool of [DATA, RAW]) {
      await admin.ceph('osd', 'pool', 'create', pool, '1', '1', 'erasure', 'ec-profile', 'ec-rule');
      await admin.ceph('osd', 'pool', 'application', 'enable', pool, 'rbd');
    }
    await admin.ceph('osd', 'pool', 'set', DATA, 'allow_ec_overwrites', 'true');
  }

  const objects = async (pool: string): Promise<string[]> =>
    (await admin.rados('--pool', pool, 'ls')).split('\n').filter((name) => name.startsWith('rbd_data.'));

  test('a VM boots from a clone there and writes, because its client has access to the pool', async () => {
    await admin.seen(CONSOLE, /^DISK vda BOOTS 1$/, start);
    expect(JSON.parse(await admin.ceph('auth', 'get', 'client.ec-client', '--format', 'json'))[0].caps).toEqual({
      mon: 'profile rbd',
      mgr: `profile rbd pool=${DATA}, profile rbd pool=ec-pool`,
      osd: `profile rbd pool=${DATA}, profile rbd pool=ec-pool`,
    });
    await deployment.expectWhole();
  });

  test("all data is there, while names, marks and sizes are in the image's own pool", async () => {
    for (const image of ['ec-golden', 'ec-root', 'ec-vdb']) {
      expect(await admin.rbd('info', `ec-pool/${image}`)).toMatch(new RegExp(`^\\s+data_pool: ${DATA}$`, 'm'));
    }
    expect((await objects(DATA)).length).toBeGreaterThan(0);
    expect(await objects('ec-pool')).toEqual([]);
  });

  test('an image grows there while its VM runs', async () => {
    await deployment.deploy(stackWith({ driver, size: 24 }));
    expect(await admin.virsh('domblkinfo', 'ec-vm', 'vdb')).toMatch(new RegExp(`^Capacity: +${24 * 2 ** 20}$`, 'm'));
  });

  test('fails in a pool that does not allow overwrites, says so, and leaves nothing behind', async () => {
    const output = await deployment.failToDeploy(stackWith({ driver, size: 24, raw: true }));
    expect(output).toContain('allow_ec_overwrites');
    expect(await admin.rbd('ls', 'ec-pool')).not.toContain('ec-none');
    await deployment.deploy(stackWith({ driver, size: 24 }));
  });
});
