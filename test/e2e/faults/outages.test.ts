import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import {
  CephCluster,
  CephPool,
  CephRbdStoragePool,
  Duration,
  ImageSource,
  type LibvirtDriver,
  RbdBackedVm,
  RbdImage,
  RemovalPolicy,
  Size,
  Transport,
  type ICephPool,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { restartLibvirtd, withoutDaemon } from '../../helpers/lab-faults';
import { until } from '../../helpers/until';
import { Admin, world } from '../../helpers/world';

const lab = useLab();
const folder = mkdtempSync(join(tmpdir(), 'out-'));
const CONSOLE = 'out-vm-console.log';
/** Without a chance to be mistaken for sparse, and larger than what a pipe holds. */
const SOURCE = join(folder, 'source.raw');

type More = (stack: TerraformStack, pool: ICephPool) => void;

/** A VM whose guest does not hear the power button, and whatever else a test wants in the pool. */
function stackOn(driver: LibvirtDriver, more: More = () => undefined, vm = true) {
  return (stack: TerraformStack): void => {
    const { ceph, host } = world(stack, lab(), driver);
    const access = { poolName: 'out-pool', clientId: 'out-client' };
    const storage = new CephRbdStoragePool(stack, 'out-storage', { host, cluster: ceph, ...access });
    const root = new RbdImage(stack, 'out-root', {
      pool: storage.pool,
      source: ImageSource.file(lab().stubbornGuestImage),
    });
    if (vm) {
      new RbdBackedVm(stack, 'out-vm', {
        storage,
        vcpus: 1,
        memory: Size.mebibytes(256),
        rootDisk: { image: root },
        shutdownTimeout: Duration.seconds(3),
        serialLogFile: `/var/log/libvirt/qemu/${CONSOLE}`,
      });
    }
    more(stack, storage.pool);
  };
}

/** Images alone: no host has a part in them. */
function stackOfImages(more: More = () => undefined) {
  return (stack: TerraformStack): void => {
    const { ceph } = world(stack, lab());
    more(stack, new CephPool(stack, 'out-pool', { cluster: ceph }));
  };
}

/** One more image, of that name. */
function imageNamed(name: string): More {
  return (stack, pool) => new RbdImage(stack, name, { pool, source: ImageSource.file(SOURCE) });
}

let admin: Admin;

beforeAll(async () => {
  admin = new Admin(lab());
  writeFileSync(SOURCE, Buffer.alloc(4 * 2 ** 20, 'the data of an image '));
  await admin.wipe('out-pool');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Of the image's data, up to the size of its source. */
async function expectWholeImage(name: string): Promise<void> {
  const copy = join(folder, 'copy.raw');
  await admin.rbd('export', '--no-progress', `out-pool/${name}`, copy);
  await execa('cmp', [copy, SOURCE]);
  rmSync(copy);
  expect((await admin.rbd('ls', 'out-pool')).split('\n').filter((one) => one.includes('cdktf'))).toEqual([]);
}

describeByDriver('a VM and a storage pool meet the faults of the world around them', (driver) => {
  const deployment = new Deployment('out');

  beforeAll(async () => {
    const start = admin.console(CONSOLE).length;
    await deployment.deploy(stackOn(driver));
    await admin.seen(CONSOLE, /^GUEST UP/, start);
  }, 300_000);
  afterAll(async () => {
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    await admin.wipe('out-pool');
  }, 180_000);

  test('libvirtd restarts: the VM runs on, the storage pool is inactive, the plan stays empty; -replace mends', async () => {
    const id = await admin.virsh('domid', 'out-vm');
    await admin.virsh('pool-autostart', 'out-storage', '--disable');
    await restartLibvirtd(lab());
    expect(await admin.virsh('pool-info', 'out-storage')).toMatch(/State: +inactive/);
    expect(await admin.virsh('domid', 'out-vm')).toBe(id);
    expect(await deployment.plannedChanges()).toEqual([]);
    expect(await deployment.differences()).toEqual([expect.stringMatching(/^out-storage: .*it does not run/s)]);
    await deployment.deploy(stackOn(driver), '-replace=terraform_data.out-storage');
    expect(await admin.virsh('domid', 'out-vm')).toBe(id);
  }, 120_000);

  test('the monitor stops: the apply fails within its time and names it; once it is back, the apply goes on', async () => {
    const id = await admin.virsh('domid', 'out-vm');
    const started = Date.now();
    const output = await withoutDaemon(lab(), 'ceph-mon', () =>
      deployment.failToDeploy(stackOn(driver, imageNamed('out-late'))),
    );
    expect(Date.now() - started).toBeLessThan(60_000);
    expect(output).toMatch(/image 'out-pool\/out-late': .*no monitor of \S+ceph\.conf answered, tried: /);
    await deployment.deploy(stackOn(driver, imageNamed('out-late')));
    await expectWholeImage('out-late');
    expect(await admin.virsh('domid', 'out-vm')).toBe(id);
  }, 180_000);

  test('the OSDs are full: the apply fails and says where to look; once there is room, it goes on', async () => {
    const id = await admin.virsh('domid', 'out-vm');
    const isFull = async (): Promise<boolean> => (await admin.ceph('health')).includes('full osd(s)');
    await fullRatios('0.0003', '0.0002', '0.0001');
    let output = '';
    try {
      await until('the OSD is full', isFull);
      output = await deployment.failToDeploy(stackOn(driver, imageNamed('out-full')));
    } finally {
      await fullRatios('0.95', '0.9', '0.85');
      await until('the OSD has room', async () => !(await isFull()));
    }
    // Which is met first, the image that goes or the one that comes, is Terraform's choice.
    expect(output).toMatch(
      /image 'out-pool\/out-(?:late|full)': .* did not end within 30 seconds and was stopped; 'ceph health detail' tells what it waits for/,
    );
    await deployment.deploy(stackOn(driver, imageNamed('out-full')));
    await expectWholeImage('out-full');
    expect(await admin.virsh('domid', 'out-vm')).toBe(id);
  }, 300_000);

  /** Ceph takes each for at least the one below it. */
  async function fullRatios(full: string, backfillfull: string, nearfull: string): Promise<void> {
    await admin.ceph('osd', 'set-nearfull-ratio', nearfull);
    await admin.ceph('osd', 'set-backfillfull-ratio', backfillfull);
    await admin.ceph('osd', 'set-full-ratio', full);
  }

  test('a guest ignores its shutdown: it is switched off after its time, which is said', async () => {
    const output = await deployment.deploy(stackOn(driver, undefined, false));
    expect(output).toContain("VM 'out-vm' did not shut down within 3 seconds: switching it off");
    expect(await admin.virsh('list', '--all', '--name')).not.toContain('out-vm');
  }, 120_000);
});

describe('images meet the faults of the world around them', () => {
  const deployment = new Deployment('out-images');

  beforeAll(() => deployment.deploy(stackOfImages()), 180_000);
  afterAll(async () => {
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    await admin.wipe('out-pool');
  }, 180_000);

  describe('where the tools of Ceph run elsewhere', () => {
    const tool = join(folder, 'elsewhere');
    const elsewhere = (name: string, file: string) => (stack: TerraformStack) => {
      const place = { monitors: [...lab().monitors], confFile: lab().cephConf, transport: Transport.command([tool]) };
      const cluster = new CephCluster(stack, 'elsewhere', place);
      const pool = CephPool.fromPoolName(stack, 'away', { cluster, poolName: 'out-pool' });
      new RbdImage(stack, name, { pool, source: ImageSource.file(file), removalPolicy: RemovalPolicy.DELETE });
    };
    const both = (name: string, file = SOURCE) => stackOfImages(elsewhere(name, file));
    const whole = `#!/bin/sh\nexec "$@"\n`;
    const qcow2 = join(folder, 'source.qcow2');
    beforeAll(() => execa('qemu-img', ['convert', '-O', 'qcow2', SOURCE, qcow2]));
    const writeTool = (text: string): void => {
      writeFileSync(tool, text);
      chmodSync(tool, 0o755);
    };

    test('the connection is cut in the middle of an import: nothing is taken for whole, and the next apply makes it', async () => {
      // The other end sees no more than an end of its input, and takes what it got for an image.
      writeTool(`#!/bin/sh\ncase " $* " in *' import '*) head -c 1000000 | "$@"; exit 255 ;; esac\nexec "$@"\n`);
      const output = await deployment.failToDeploy(both('out-cut'));
      expect(output).toMatch(/image 'out-pool\/out-cut': the image: 'rbd .*import.* ended with 255/);
      expect(await admin.rbd('ls', 'out-pool')).not.toMatch(/^out-cut$/m);
      writeTool(whole);
      await deployment.deploy(both('out-cut'));
      await expectWholeImage('out-cut');
    }, 120_000);

    test('the disk of this machine is full: the import is refused before it is filled, and leaves nothing', async () => {
      writeTool(whole);
      await onDiskOf('8m', async (small) => {
        const output = await deployment.failToDeploy(both('out-narrow', qcow2));
        expect(output).toMatch(
          /the import of 'out-pool\/out-narrow' needs .* in '\S+small', where .* are free; make room there, or set TMPDIR/,
        );
        expect(readdirSync(small)).toEqual([]);
      });
      await deployment.deploy(both('out-narrow', qcow2));
      await expectWholeImage('out-narrow');
    }, 120_000);

    test('the disk of this machine fills up in the middle of a conversion: nothing is left, and the next apply makes it', async () => {
      writeTool(whole);
      await onDiskOf('128m', async (small) => {
        const real = (await execa('sh', ['-c', 'command -v qemu-img'])).stdout;
        const fill = `case $1 in convert) cat /dev/zero >'${join(small, 'filler')}' 2>/dev/null ;; esac`;
        const bin = mkdtempSync(join(folder, 'bin-'));
        writeFileSync(join(bin, 'qemu-img'), `#!/bin/sh\n${fill}\nexec ${real} "$@"\n`);
        chmodSync(join(bin, 'qemu-img'), 0o755);
        const path = process.env['PATH'];
        process.env['PATH'] = `${bin}:${path ?? ''}`;
        const output = await deployment.failToDeploy(both('out-filled', qcow2));
        process.env['PATH'] = path;
        expect(output).toMatch(/image 'out-pool\/out-filled': .*'qemu-img convert .*No space left on device/);
        expect(readdirSync(small)).toEqual(['filler']);
      });
      expect(await admin.rbd('ls', 'out-pool')).not.toContain('out-filled');
      await deployment.deploy(both('out-filled', qcow2));
      await expectWholeImage('out-filled');
    }, 120_000);
  });

  test('the disk of this machine fills up in the middle of a download: nothing is left, and the next apply makes it', async () => {
    const content = readFileSync(SOURCE);
    let goOn: Promise<unknown> = Promise.resolve();
    const server = createServer((_, response) => {
      response.setHeader('content-length', content.length);
      response.write(
        content.subarray(0, content.length / 2),
        () => void goOn.then(() => response.end(content.subarray(content.length / 2))),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/source.raw`;
    const sha256 = createHash('sha256').update(content).digest('hex');
    const fetched = stackOfImages((stack, pool) => {
      new RbdImage(stack, 'out-fetched', { pool, source: ImageSource.url(url, { sha256 }) });
    });
    await onDiskOf('128m', async (small) => {
      const half = (): boolean => readdirSync(small).some((name) => sizeIn(join(small, name)) >= content.length / 2);
      goOn = until('half of it is there', () => Promise.resolve(half())).then(() =>
        execa('sh', ['-c', 'cat /dev/zero >"$0"', join(small, 'filler')], { reject: false }),
      );
      expect(await deployment.failToDeploy(fetched)).toMatch(
        /image 'out-pool\/out-fetched': .*cannot fetch 'http:\S+': ENOSPC: no space left on device/,
      );
      expect(readdirSync(small)).toEqual(['filler']);
    });
    expect(await admin.rbd('ls', 'out-pool')).not.toContain('out-fetched');
    await deployment.deploy(fetched);
    await expectWholeImage('out-fetched');
    server.close();
  }, 120_000);

  /** What is temporary goes to a disk of that size meanwhile. */
  async function onDiskOf(size: string, work: (small: string) => Promise<void>): Promise<void> {
    const small = join(folder, 'small');
    mkdirSync(small, { recursive: true });
    await execa('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', small]);
    const { TMPDIR: before } = process.env;
    try {
      process.env['TMPDIR'] = small;
      await work(small);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
      await execa('umount', [small]);
    }
  }

  /** Of all files in a folder. */
  function sizeIn(path: string): number {
    return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
  }

  test('somebody has images open that leave the code: neither is trashed nor deleted, and the client is named', async () => {
    const images = (stack: TerraformStack, pool: ICephPool): void => {
      new RbdImage(stack, 'out-trash', { pool, size: Size.mebibytes(8) });
      new RbdImage(stack, 'out-delete', { pool, size: Size.mebibytes(8), removalPolicy: RemovalPolicy.DELETE });
    };
    await deployment.deploy(stackOfImages(images));
    const watchers = ['out-trash', 'out-delete'].map((name) =>
      execa('rbd', ['--conf', lab().cephConf, 'watch', `out-pool/${name}`], { reject: false }),
    );
    for (const name of ['out-trash', 'out-delete']) {
      await until(`${name} is open`, async () => (await admin.watchers(`out-pool/${name}`)) > 0);
    }
    const output = await deployment.failToDeploy(stackOfImages());
    expect(output).toMatch(/image 'out-pool\/out-trash' cannot be moved to the trash: it is in use by client\.\d+ at /);
    expect(output).toMatch(/image 'out-pool\/out-delete' cannot be deleted: it is in use by client\.\d+ at /);
    expect(await admin.rbd('ls', 'out-pool')).toMatch(/^out-delete$[^]*^out-trash$/m);
    watchers.forEach((one) => one.stdin.end('\n'));
    await Promise.all(watchers);
    await deployment.deploy(stackOfImages());
    expect(await admin.inventory('out-')).toContain('trash out-pool/out-trash');
    expect(await admin.rbd('ls', 'out-pool')).not.toContain('out-delete');
  }, 240_000);
});
