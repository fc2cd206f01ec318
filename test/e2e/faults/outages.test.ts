import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import {
  CephRbdStoragePool,
  Duration,
  ImageSource,
  LibvirtDriver,
  RbdBackedVm,
  RbdImage,
  Size,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver, onceFor } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { restartLibvirtd, withoutDaemon, withoutLibvirtd } from '../../helpers/lab-faults';
import { until } from '../../helpers/until';
import { Admin, world } from '../../helpers/world';

const lab = useLab();
const folder = mkdtempSync(join(tmpdir(), 'out-'));
const CONSOLE = 'out-vm-console.log';
/** Content that cannot pass for sparse, and that is larger than what a pipe holds. */
const SOURCE = join(folder, 'source.raw');

/** A VM whose guest ignores the power button, and one more image if its name is given. */
function stackOn(driver: LibvirtDriver, { image, vm = true }: { readonly image?: string; readonly vm?: boolean } = {}) {
  return (stack: TerraformStack): void => {
    const { ceph, host } = world(stack, lab(), driver);
    const access = { poolName: 'out-pool', clientId: 'out-client' };
    const storage = new CephRbdStoragePool(stack, 'out-storage', { host, cluster: ceph, ...access });
    const root = new RbdImage(stack, 'out-root', {
      pool: storage.pool,
      source: ImageSource.file(lab().stubbornBootSectorImage),
    });
    if (vm) {
      new RbdBackedVm(stack, 'out-vm', {
        storage,
        vcpus: 1,
        memory: Size.mebibytes(64),
        rootDisk: { image: root },
        shutdownTimeout: Duration.seconds(3),
        serialLogFile: `/var/log/libvirt/qemu/${CONSOLE}`,
      });
    }
    if (image) new RbdImage(stack, image, { pool: storage.pool, source: ImageSource.file(SOURCE) });
  };
}

let admin: Admin;

beforeAll(async () => {
  admin = new Admin(lab());
  writeFileSync(SOURCE, Buffer.alloc(4 * 2 ** 20, 'the data of an image '));
  await admin.wipe('out-pool');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** And nothing unfinished beside it. */
async function expectWholeImage(name: string): Promise<void> {
  await admin.compare(`out-pool/${name}`, SOURCE);
  expect(await admin.rbd('ls', 'out-pool')).not.toContain('cdktf');
}

describeByDriver('A VM and a storage pool under faults from outside', (driver) => {
  const once = onceFor(driver);
  const deployment = new Deployment('out');

  beforeAll(async () => {
    const start = admin.console(CONSOLE).length;
    await deployment.deploy(stackOn(driver));
    await admin.seen(CONSOLE, /^GUEST UP/, start);
  });
  afterAll(async () => {
    deployment.remove();
    await admin.clear('out-');
  });

  test('when libvirtd restarts, the VM runs on, the storage pool is inactive, the plan stays empty, and -replace repairs it', async () => {
    const id = await admin.virsh('domid', 'out-vm');
    await admin.virsh('pool-autostart', 'out-storage', '--disable');
    await restartLibvirtd(lab());
    expect(await admin.virsh('pool-info', 'out-storage')).toMatch(/State: +inactive/);
    expect(await admin.virsh('domid', 'out-vm')).toBe(id);
    expect(await deployment.plannedChanges()).toEqual([]);
    expect(await deployment.differences()).toEqual([expect.stringMatching(/^out-storage: .*it is not running/s)]);
    await deployment.deploy(stackOn(driver), '-replace=terraform_data.out-storage_spec');
    expect(await admin.virsh('domid', 'out-vm')).toBe(id);
  });

  if (driver === LibvirtDriver.PROVIDER) {
    test('while libvirtd does not run, a plan and an apply fail and name its host, and the state stays as it was', async () => {
      const before = await deployment.must('state', 'pull');
      // Otherwise libvirtd may start it, and starting it again fails.
      await admin.virsh('pool-autostart', 'out-storage', '--disable');
      const failed = await withoutLibvirtd(lab(), async () => [
        await deployment.terraform('plan'),
        await deployment.terraform('apply', '-auto-approve'),
      ]);
      for (const { exitCode, output } of failed) {
        expect(exitCode).toBe(1);
        expect(output).toContain(lab().hosts[0]?.socketFolder);
      }
      expect(await deployment.must('state', 'pull')).toBe(before);
      // An rbd storage pool is inactive after every start of libvirtd; no VM needs it.
      await admin.virsh('pool-start', 'out-storage');
      await admin.virsh('pool-autostart', 'out-storage');
      await deployment.expectWhole();
    });
  }

  once('when the monitor stops, the apply fails in time and names it, and goes on once it is back', async () => {
    const id = await admin.virsh('domid', 'out-vm');
    const output = await withoutDaemon(lab(), 'ceph-mon', async () => {
      const started = Date.now();
      const said = await deployment.failToDeploy(stackOn(driver, { image: 'out-late' }));
      expect(Date.now() - started).toBeLessThan(60_000);
      return said;
    });
    expect(output).toMatch(/image 'out-pool\/out-late': .*no monitor of \S+ceph\.conf answered, tried: /);
    await deployment.deploy(stackOn(driver, { image: 'out-late' }));
    await expectWholeImage('out-late');
    expect(await admin.virsh('domid', 'out-vm')).toBe(id);
  });

  once('when the OSDs are full, the apply fails and says where to look, and goes on once there is room', async () => {
    const id = await admin.virsh('domid', 'out-vm');
    // Not 'nearfull' or 'backfillfull', which come first and stop no write.
    const isFull = async (): Promise<boolean> => / full osd\(s\)/.test(await admin.ceph('health'));
    await fullRatios('0.0003', '0.0002', '0.0001');
    let output = '';
    try {
      await until('the OSD is full', isFull);
      output = await deployment.failToDeploy(stackOn(driver, { image: 'out-full' }));
    } finally {
      await fullRatios('0.95', '0.9', '0.85');
      await until('the OSD has room', async () => !(await isFull()));
    }
    // Terraform may remove the one image or create the other first.
    expect(output).toMatch(
      /image 'out-pool\/out-(?:late|full)': .* did not end within 30 seconds and was stopped; 'ceph health detail' shows what it waits for/,
    );
    await deployment.deploy(stackOn(driver, { image: 'out-full' }));
    await expectWholeImage('out-full');
    expect(await admin.virsh('domid', 'out-vm')).toBe(id);
  });

  /** Ceph requires each to be at least the one before it. */
  async function fullRatios(full: string, backfillfull: string, nearfull: string): Promise<void> {
    await admin.ceph('osd', 'set-nearfull-ratio', nearfull);
    await admin.ceph('osd', 'set-backfillfull-ratio', backfillfull);
    await admin.ceph('osd', 'set-full-ratio', full);
  }

  test('a guest that ignores its shutdown is switched off when its time is over, with a warning', async () => {
    const output = await deployment.deploy(stackOn(driver, { vm: false }));
    expect(output).toContain("VM 'out-vm' did not shut down within 3 seconds: switching it off");
    expect(await admin.virsh('list', '--all', '--name')).not.toContain('out-vm');
  });
});
