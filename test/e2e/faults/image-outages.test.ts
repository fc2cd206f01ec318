import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import { CephPool, ImageSource, type ICephPool, RbdImage, RemovalPolicy, Size, Transport } from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { WebServer } from '../../helpers/http';
import { useLab } from '../../helpers/lab';
import { whileOpen } from '../../helpers/rbd';
import { withTool } from '../../helpers/shim';
import { until } from '../../helpers/until';
import { Admin, labCluster } from '../../helpers/world';

const lab = useLab();
const folder = mkdtempSync(join(tmpdir(), 'iou-'));
/** Content that cannot pass for sparse, and that is larger than what a pipe holds. */
const SOURCE = join(folder, 'source.raw');
const QCOW2 = join(folder, 'source.qcow2');
const deployment = new Deployment('iou');
let admin: Admin;

beforeAll(async () => {
  admin = new Admin(lab());
  writeFileSync(SOURCE, Buffer.alloc(4 * 2 ** 20, 'the data of an image '));
  await execa('qemu-img', ['convert', '-O', 'qcow2', SOURCE, QCOW2]);
  await admin.wipe('iou-pool');
  await deployment.deploy(stackOf());
});
afterAll(async () => {
  deployment.remove();
  rmSync(folder, { recursive: true });
  await admin.wipe('iou-pool');
});

/** A pool, and images in it: no host is involved. */
function stackOf(images: (stack: TerraformStack, pool: ICephPool) => void = () => undefined) {
  return (stack: TerraformStack): void =>
    images(stack, new CephPool(stack, 'iou-pool', { cluster: labCluster(stack, lab()) }));
}

/** Neither the image exists, nor anything unfinished of it. */
async function expectNothingOf(name: string): Promise<void> {
  expect((await admin.rbd('ls', 'iou-pool')).split('\n').filter((one) => one.includes(name))).toEqual([]);
}

/** And nothing unfinished beside it. */
async function expectWhole(name: string): Promise<void> {
  await admin.compare(`iou-pool/${name}`, SOURCE);
  expect(await admin.rbd('ls', 'iou-pool')).not.toContain('cdktf');
}

/** Temporary files go to a disk of that size in the meantime. */
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

/** Shell that fills such a disk; does nothing if it is already gone, because it would then fill this machine's. */
function filling(small: string): string {
  return `mountpoint -q '${small}' && cat /dev/zero >'${join(small, 'filler')}' 2>/dev/null`;
}

describe('An import when the tools of Ceph run elsewhere', () => {
  const tool = join(folder, 'elsewhere');
  const imageOf = (name: string, file: string) =>
    stackOf((stack) => {
      const cluster = labCluster(stack, lab(), { id: 'elsewhere', transport: Transport.command([tool]) });
      const pool = CephPool.fromPoolName(stack, 'away', { cluster, poolName: 'iou-pool' });
      new RbdImage(stack, name, { pool, source: ImageSource.file(file), removalPolicy: RemovalPolicy.DELETE });
    });
  /** The transport of every command; `first` is shell that may run instead. */
  const setTool = (first = ''): void => {
    writeFileSync(tool, `#!/bin/sh\n${first}\nexec "$@"\n`);
    chmodSync(tool, 0o755);
  };
  beforeEach(() => setTool());

  test('does not count as complete when its connection is cut half-way, and the next apply completes it', async () => {
    // The other end only sees the end of its input, and takes what it got for an image.
    setTool(`case " $* " in *' import '*) head -c 1000000 | "$@"; exit 255 ;; esac`);
    const output = await deployment.failToDeploy(imageOf('iou-cut', SOURCE));
    expect(output).toMatch(/image 'iou-pool\/iou-cut': create it: 'rbd .*import.* ended with 255/);
    expect(await admin.rbd('ls', 'iou-pool')).not.toMatch(/^iou-cut$/m);
    setTool();
    await deployment.deploy(imageOf('iou-cut', SOURCE));
    await expectWhole('iou-cut');
  });

  test('is refused before it fills the disk of this machine, and leaves nothing behind', async () => {
    await onDiskOf('8m', async (small) => {
      const output = await deployment.failToDeploy(imageOf('iou-narrow', QCOW2));
      expect(output).toMatch(
        /image 'iou-pool\/iou-narrow': create it: its import needs .* in '\S+small', where 8 MiB are free and 64 MiB must stay free; make room there, or set TMPDIR/,
      );
      expect(readdirSync(small)).toEqual([]);
    });
    await expectNothingOf('iou-narrow');
    await deployment.deploy(imageOf('iou-narrow', QCOW2));
    await expectWhole('iou-narrow');
  });

  test('leaves nothing behind when the disk of this machine fills up half-way through its conversion', async () => {
    await onDiskOf('128m', async (small) => {
      const output = await withTool(folder, 'qemu-img', `case $1 in convert) ${filling(small)} ;; esac`, () =>
        deployment.failToDeploy(imageOf('iou-filled', QCOW2)),
      );
      expect(output).toMatch(/image 'iou-pool\/iou-filled': .*'qemu-img convert .*No space left on device/);
      expect(readdirSync(small)).toEqual(['filler']);
    });
    await expectNothingOf('iou-filled');
    await deployment.deploy(imageOf('iou-filled', QCOW2));
    await expectWhole('iou-filled');
  });
});

describe('A download', () => {
  const server = new WebServer();
  beforeAll(() => server.start());
  afterAll(() => server.stop());

  /** The size of all files in a folder. */
  function sizeIn(path: string): number {
    return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
  }

  test('leaves nothing behind when the disk of this machine fills up half-way, and the next apply creates the image', async () => {
    const content = readFileSync(SOURCE);
    const half = content.length / 2;
    let goOn: Promise<unknown> = Promise.resolve();
    server.answer = (_, response) => {
      response.setHeader('content-length', content.length);
      response.write(content.subarray(0, half), () => void goOn.then(() => response.end(content.subarray(half))));
    };
    const sha256 = createHash('sha256').update(content).digest('hex');
    const fetched = stackOf((stack, pool) => {
      new RbdImage(stack, 'iou-fetched', { pool, source: ImageSource.url(server.url('source.raw'), { sha256 }) });
    });
    await onDiskOf('128m', async (small) => {
      const isHalf = (): boolean => readdirSync(small).some((name) => sizeIn(join(small, name)) >= half);
      goOn = until('half of it is there', () => isHalf()).then(() =>
        execa('sh', ['-c', filling(small)], { reject: false }),
      );
      expect(await deployment.failToDeploy(fetched)).toMatch(
        /image 'iou-pool\/iou-fetched': .*cannot fetch 'http:\S+': ENOSPC: no space left on device/,
      );
      expect(readdirSync(small)).toEqual(['filler']);
    });
    await expectNothingOf('iou-fetched');
    await deployment.deploy(fetched);
    await expectWhole('iou-fetched');
  });
});

test('images that somebody has open are neither trashed nor deleted, and the client is named', async () => {
  await deployment.deploy(
    stackOf((stack, pool) => {
      new RbdImage(stack, 'iou-trash', { pool, size: Size.mebibytes(8) });
      new RbdImage(stack, 'iou-delete', { pool, size: Size.mebibytes(8), removalPolicy: RemovalPolicy.DELETE });
    }),
  );
  const output = await whileOpen(lab(), 'iou-pool/iou-trash', () =>
    whileOpen(lab(), 'iou-pool/iou-delete', () => deployment.failToDeploy(stackOf())),
  );
  expect(output).toMatch(/image 'iou-pool\/iou-trash' cannot be moved to the trash: it is in use by client\.\d+ at /);
  expect(output).toMatch(/image 'iou-pool\/iou-delete' cannot be deleted: it is in use by client\.\d+ at /);
  expect(await admin.rbd('ls', 'iou-pool')).toMatch(/^iou-delete$[^]*^iou-trash$/m);
  await deployment.deploy(stackOf());
  expect(await admin.inventory('iou-')).toContain('trash iou-pool/iou-trash');
  expect(await admin.rbd('ls', 'iou-pool')).not.toContain('iou-delete');
});
