import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import {
  CephPool,
  CephRbdStoragePool,
  Duration,
  ImageSource,
  RbdBackedVm,
  RbdImage,
  Size,
  Transport,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver } from '../../helpers/drivers';
import { useLab, wordsInto } from '../../helpers/lab';
import { processesWith } from '../../helpers/rbd';
import { Sshd } from '../../helpers/sshd';
import { until } from '../../helpers/until';
import { Admin, labCluster, labHost } from '../../helpers/world';

const lab = useLab();
const path = process.env['PATH'];
const sshd = new Sshd();
let admin: Admin;

beforeAll(async () => {
  admin = new Admin(lab());
  await admin.wipe('sc-pool');
  await sshd.start(wordsInto(lab()));
  process.env['PATH'] = sshd.path;
});
afterAll(async () => {
  process.env['PATH'] = path;
  await sshd.stop();
});

describe('The connection to a cluster over ssh is cut half-way through an import', () => {
  const deployment = new Deployment('sc-import');
  const folder = mkdtempSync(join(tmpdir(), 'sc-'));
  const source = join(folder, 'source.raw');

  beforeAll(() => writeFileSync(source, Buffer.alloc(32 * 2 ** 20, 'the data of an image ')));
  afterAll(async () => {
    deployment.remove();
    rmSync(folder, { recursive: true });
    await admin.clear('sc-');
  });

  function stack(scope: TerraformStack): void {
    const transport = Transport.ssh('root@127.0.0.1', { port: sshd.port, identityFile: sshd.keyFile });
    const pool = new CephPool(scope, 'sc-pool', { cluster: labCluster(scope, lab(), { transport }) });
    new RbdImage(scope, 'sc-image', { pool, source: ImageSource.file(source) });
  }

  test('and the partial image gets no name; the next apply completes it, and nothing is left behind', async () => {
    const failed = deployment.failToDeploy(stack);
    // Each word of ssh and of the shell is in quotes.
    const tools = () => processesWith(' import ', 'sc-pool/sc-image');
    const tool = await until('the import runs', async () => (await tools())[0], 20);
    process.kill(tool, 'SIGSTOP');
    await sshd.cut();
    // The connections of the import and of the worker that holds its lock break at once; either may be reported.
    expect(await failed).toMatch(/image 'sc-pool\/sc-image': .* on root@127\.0\.0\.1 ended with 255/);
    // It sees the end of its input, and makes an image of what it has received, if anything.
    process.kill(tool, 'SIGCONT');
    await until('it has ended', async () => (await tools()).length === 0);
    const names = (await admin.rbd('ls', 'sc-pool')).split('\n').filter(Boolean);
    expect(names).toEqual(names.map(() => expect.stringMatching(/^\.?sc-image.+/)));
    await deployment.deploy(stack);
    expect(await admin.rbd('ls', 'sc-pool')).toBe('sc-image');
    await admin.compare('sc-pool/sc-image', source);
  });
});

describeByDriver('The connection to a libvirt host over ssh is cut', (driver, prefix) => {
  const name = (word: string): string => `${prefix}sc-${word}`;
  const deployment = new Deployment(name('host'));

  beforeAll(() => admin.wipe(name('pool')));
  afterAll(async () => {
    deployment.remove();
    await admin.clear(name(''));
  });

  function stack(memory: number): (stack: TerraformStack) => void {
    return (scope) => {
      const cluster = labCluster(scope, lab());
      const query = `keyfile=${sshd.keyFile}&knownhosts=${sshd.knownHosts}`;
      const uri = `qemu+ssh://root@127.0.0.1:${sshd.port}/system?${query}`;
      const host = labHost(scope, lab(), { uri, driver });
      const access = { poolName: name('pool'), clientId: name('client') };
      const storage = new CephRbdStoragePool(scope, name('storage'), { host, cluster, ...access });
      new RbdBackedVm(scope, name('vm'), {
        storage,
        vcpus: 1,
        memory: Size.mebibytes(memory),
        rootDisk: { image: new RbdImage(scope, name('root'), { pool: storage.pool, size: Size.mebibytes(8) }) },
        shutdownTimeout: Duration.seconds(2),
      });
    };
  }

  /** Applies, and cuts every connection as soon as the condition holds, which makes the apply fail. */
  async function cutWhen(memory: number, what: string, isSo: () => Promise<boolean>): Promise<void> {
    deployment.synth(stack(memory));
    await deployment.init();
    const running = deployment.start('apply', '-auto-approve');
    await until(what, isSo, 50);
    await sshd.cut();
    const { exitCode, all } = await running;
    expect({ exitCode, all }).toEqual({ exitCode: 1, all });
  }

  test('while its storage pool is created, and the next apply creates the rest', async () => {
    const pools = (): Promise<string> => admin.virsh('pool-list', '--all', '--name');
    await cutWhen(64, 'the storage pool is there', async () => (await pools()).includes(name('storage')));
    await deployment.deploy(stack(64));
    expect(await admin.virsh('domstate', name('vm'))).toBe('running');
  });

  test('while its VM is changed, and the next apply changes it, on the same image', async () => {
    const image = await admin.imageId(`${name('pool')}/${name('root')}`);
    const before = await admin.virsh('dumpxml', '--inactive', name('vm'));
    const changes = async (): Promise<boolean> =>
      (await admin.virsh('dumpxml', '--inactive', name('vm')).catch(() => '')) !== before;
    await cutWhen(96, 'the VM changes', changes);
    await deployment.deploy(stack(96));
    expect(await admin.virsh('domstate', name('vm'))).toBe('running');
    expect(await admin.virsh('dumpxml', '--inactive', name('vm'))).toContain("<memory unit='KiB'>98304</memory>");
    expect(await admin.imageId(`${name('pool')}/${name('root')}`)).toBe(image);
  });
});
