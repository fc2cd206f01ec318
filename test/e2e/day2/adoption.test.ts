import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import { terraformBinary } from '../../../lib/cli/terraform-stack';
import {
  CephClient,
  CephClientConfig,
  CephPool,
  CephRbdStoragePool,
  LibvirtCephSecret,
  LibvirtDriver,
  RbdBackedVm,
  RbdDiskAttachment,
  RbdImage,
  RbdSnapshot,
  RemovalPolicy,
  Size,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver, onceFor } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();
const POOL = 'adopt-pool';
const ROOT = `${POOL}/adopt-root`;
const CLIENT = 'client.adopt-client';
const USAGE = 'adopt by hand';
const CONSOLE = 'adopt-vm-console.log';
/** A running VM that only an administrator made. */
const LEGACY = 'adopt-legacy';
const UUID = '6b1c29bd-6a0b-4bb5-a1bd-5a4b0f7a5c11';

interface Parts {
  readonly adopt?: boolean;
  readonly only?: 'pool' | 'client' | 'secret' | 'image' | 'vm';
  /** With one object of every other kind; the client's section goes into this file. */
  readonly confFile?: string;
}

/** Everything that can be adopted, and a VM of our own that uses it; or just one of these. */
function stackOf(driver: LibvirtDriver, { adopt, only, confFile }: Parts): (stack: TerraformStack) => void {
  return (stack) => {
    const { ceph, host } = world(stack, lab(), driver);
    const has = (part: Parts['only']): boolean => only === undefined || only === part;
    const pool = has('pool')
      ? new CephPool(stack, POOL, { cluster: ceph, adopt })
      : CephPool.fromPoolName(stack, POOL, { cluster: ceph, poolName: POOL });
    const client = has('client')
      ? new CephClient(stack, 'adopt-client', { cluster: ceph, adopt })
      : CephClient.fromClientId(stack, 'adopt-client', { cluster: ceph, clientId: 'adopt-client' });
    if (only === undefined) pool.grantReadWrite(client);
    const secret = has('secret')
      ? new LibvirtCephSecret(stack, 'adopt-secret', { host, client, usage: USAGE, adopt })
      : LibvirtCephSecret.fromUsage(stack, 'adopt-secret', { host, client, usage: USAGE });
    const image = has('image')
      ? new RbdImage(stack, 'adopt-root', { pool, size: Size.mebibytes(64), adopt })
      : RbdImage.fromImageName(stack, 'adopt-root', { pool, imageName: 'adopt-root' });
    if (!has('vm')) return;
    const data = only
      ? RbdImage.fromImageName(stack, 'adopt-data', { pool, imageName: 'adopt-data' })
      : new RbdImage(stack, 'adopt-data', { pool, size: Size.mebibytes(8) });
    if (confFile !== undefined) {
      const removalPolicy = RemovalPolicy.DELETE;
      const scratch = new RbdImage(stack, 'adopt-scratch', { pool, size: Size.mebibytes(8), removalPolicy });
      new RbdDiskAttachment(stack, 'adopt-disk', { secret, vmName: LEGACY, disk: { image: scratch, target: 'vdx' } });
      new RbdSnapshot(stack, 'adopt-snap', { image: data, removalPolicy });
      new CephClientConfig(stack, 'adopt-conf', { host, client, confFile, logFile: '/var/log/ceph/adopt.log' });
      new CephRbdStoragePool(stack, 'adopt-storage', { host, pool, client, secret });
    }
    new RbdBackedVm(stack, 'adopt-vm', {
      secret,
      vcpus: 1,
      memory: Size.mebibytes(64),
      rootDisk: { image },
      dataDisks: [{ image: data, target: 'vdb' }],
      serialLogFile: `/var/log/libvirt/qemu/${CONSOLE}`,
    });
  };
}

describeByDriver('Adoption and a lost state', (driver) => {
  const once = onceFor(driver);
  const deployment = new Deployment('adopt');
  const stackWith = (parts: Parts = {}): ((stack: TerraformStack) => void) => stackOf(driver, parts);
  const before = { key: '', image: '' };
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await clear();
    await admin.ceph('osd', 'pool', 'create', POOL, '8');
    await admin.rbd('pool', 'init', POOL);
    await admin.ceph('auth', 'add', CLIENT, 'mon', 'allow r', 'osd', 'allow r pool=device_health_metrics');
    await admin.rbd('import', '--no-progress', '--image-format', '2', lab().bootSectorImage, ROOT);
    await admin.rbd('resize', '--no-progress', '--size', '64M', ROOT);
    const xml = `<secret ephemeral='no' private='no'><uuid>${UUID}</uuid><usage type='ceph'><name>${USAGE}</name></usage></secret>`;
    await define('secret-define', xml);
    before.key = await admin.ceph('auth', 'get-key', CLIENT);
    before.image = await admin.imageId(ROOT);
  });

  afterAll(async () => {
    deployment.remove();
    await clear();
  });

  once.each([
    ['pool', `pool '${POOL}' already exists and does not belong to this stack`],
    ['client', `client 'adopt-client' already exists and does not belong to this stack`],
    ['secret', `secret '${USAGE}' already exists and does not belong to this stack`],
    ['image', `image '${ROOT}' already exists and does not belong to this stack`],
  ] as const)('fails without adopt: %s', async (only, message) => {
    const other = new Deployment('adopt-fails');
    const said = await other.failToDeploy(stackWith({ only }));
    expect(said).toContain(message);
    expect(said).toContain(`set 'adopt: true'`);
    await other.destroy();
    other.remove();
  });

  test('what was made by hand is taken over with its key, its capabilities, its UUID and its data', async () => {
    const start = admin.console(CONSOLE).length;
    await deployment.deploy(stackWith({ adopt: true }));
    expect(await admin.ceph('auth', 'get-key', CLIENT)).toBe(before.key);
    const auth = await admin.ceph('auth', 'get', CLIENT);
    expect(auth).toContain(`caps mon = "allow r, profile rbd"`);
    expect(auth).toContain(`caps osd = "allow r pool=device_health_metrics, profile rbd pool=${POOL}"`);
    expect(await admin.imageId(ROOT)).toBe(before.image);
    expect(await admin.virsh('secret-list')).toMatch(new RegExp(`${UUID} +ceph ${USAGE}`));
    expect(await admin.seen(CONSOLE, /^GUEST UP/, start)).toBeTruthy();
  });

  // With PROVIDER it takes import blocks, which cli/adopt.test.ts applies.
  if (driver === LibvirtDriver.VIRSH)
    describe('After a lost state file', () => {
      const old = mkdtempSync(join(tmpdir(), 'clc-old-'));
      const confFile = join(old, 'ceph.conf');
      let inventory: string[];
      let found: unknown;

      /** What an inventory does not show. */
      const details = async (): Promise<unknown> => ({
        domid: await admin.virsh('domid', 'adopt-vm'),
        disks: await admin.virsh('domblklist', 'adopt-vm'),
        attached: [
          await admin.virsh('domblklist', LEGACY),
          await admin.virsh('domblklist', LEGACY, '--inactive'),
          await admin.virsh('domid', LEGACY),
        ],
        snapshots: JSON.parse(await admin.rbd('snap', 'ls', '--format', 'json', `${POOL}/adopt-data`)) as unknown,
        section: readFileSync(confFile, 'utf8').replace(/"entryId":"[^"]*"/, ''),
        client: await admin.ceph('auth', 'get', CLIENT),
      });
      beforeAll(async () => {
        const xml = `<domain type='qemu'><name>${LEGACY}</name><memory unit='MiB'>64</memory><os><type machine='pc'>hvm</type></os><features><acpi/></features></domain>`;
        await define('define', xml);
        await admin.virsh('start', LEGACY);
        await deployment.deploy(stackWith({ adopt: true, confFile }));
      });

      // The following tests need the stack as it was.
      afterAll(async () => {
        await admin.virsh('destroy', LEGACY);
        await deployment.deploy(stackWith({ adopt: true }));
        await admin.virsh('undefine', LEGACY);
        rmSync(old, { recursive: true, force: true });
      });

      test('the next apply takes its own objects back, prints the old entries, and changes nothing', async () => {
        cpSync(deployment.stackFolder, old, { recursive: true });
        [inventory, found] = [await admin.inventory('adopt'), await details()];
        rmSync(join(deployment.stackFolder, 'terraform.tfstate'));
        const output = (await deployment.deploy(stackWith({ adopt: true, confFile }))).replace(/\n/g, ' ');
        expect(output).toMatch(/Warning: pool 'adopt-pool' [^:]*'[0-9a-f-]{36}'/);
        expect(output).toMatch(/Warning: client 'adopt-client' [^:]*'[0-9a-f-]{36}'/);
        expect(output).toMatch(/Warning: secret 'adopt by hand' [^:]*'[0-9a-f-]{36}'/);
        expect(output).toMatch(/Warning: image 'adopt-pool\/adopt-data' [^:]*'[0-9a-f-]{36}'/);
        expect(output).toMatch(/Warning: VM 'adopt-vm' [^:]*'[0-9a-f-]{36}'/);
        expect(output).toMatch(/Warning: disk vdx of VM 'adopt-legacy' [^:]*'[0-9a-f-]{36}'/);
        expect(output).toMatch(/Warning: snapshot 'adopt-pool\/adopt-data@adopt-snap' [^:]*'[0-9a-f-]{36}'/);
        expect(output).toMatch(/Warning: section \[client.adopt-client\] [^:]*'[0-9a-f-]{36}'/);
        expect(await admin.inventory('adopt')).toEqual(inventory);
        expect(await details()).toEqual(found);
      });

      test('an old copy of the state removes only the storage pool, and not even a disk from a running VM', async () => {
        const { all } = await execa(terraformBinary(), ['destroy', '-auto-approve', '-no-color'], {
          cwd: old,
          env: { CHECKPOINT_DISABLE: '1' },
          all: true,
          stdin: 'ignore',
        });
        expect(all).toContain('Destroy complete!');
        expect(await admin.inventory('adopt')).toEqual(inventory.filter((one) => one !== 'storage-pool adopt-storage'));
        expect(await details()).toEqual(found);
        expect(await deployment.differences()).toEqual([expect.stringMatching(/^adopt-storage: /)]);
      });
    });

  describe('What belongs to one owner stays with that owner', () => {
    const alike = driver === LibvirtDriver.VIRSH ? (['pool', 'client', 'secret', 'image'] as const) : [];
    const parts = [...alike, 'vm'] as const;
    const owned = `belongs to project 'e2e', stack 'adopt', workspace 'default'`;

    test.each(parts)('fails in another stack, also with adopt: %s', async (only) => {
      await expectRefused(new Deployment('adopt-other'), only);
    });

    once.each(parts)('fails in another project, also with adopt: %s', async (only) => {
      await expectRefused(new Deployment('adopt', 'elsewhere'), only);
    });

    once.each(parts)('fails in another workspace, also with adopt: %s', async (only) => {
      const other = new Deployment('adopt').synth(stackWith({ only }));
      await other.must('workspace', 'new', 'staging');
      await expectRefused(other, only);
    });

    async function expectRefused(other: Deployment, only: Parts['only']): Promise<void> {
      const disks = () => Promise.all([[], ['--inactive']].map((one) => admin.virsh('domblklist', 'adopt-vm', ...one)));
      const before = [await admin.inventory('adopt'), await disks()];
      expect(await other.failToDeploy(stackWith({ adopt: true, only }))).toContain(owned);
      await other.destroy();
      other.remove();
      expect([await admin.inventory('adopt'), await disks()]).toEqual(before);
    }
  });

  test('destroy leaves what was adopted, released and with its data', async () => {
    await deployment.destroy();
    expect(await admin.inventory('adopt')).toEqual([
      `client ${CLIENT}`,
      `image ${ROOT}`,
      `pool ${POOL}`,
      `secret ${USAGE}`,
      `trash ${POOL}/adopt-data`,
    ]);
    expect(await admin.imageId(ROOT)).toBe(before.image);
    expect(await admin.ceph('auth', 'get-key', CLIENT)).toBe(before.key);
    expect(await admin.ceph('auth', 'get', CLIENT)).toContain('allow r pool=device_health_metrics');
    expect(await admin.virsh('secret-dumpxml', UUID)).toMatch(/entryId("|&quot;):\1\1/);
    const marks = [`pool/${POOL}`, 'client/adopt-client'].map((one) =>
      admin.ceph('config-key', 'get', `cdktf-libvirt-ceph/${one}`),
    );
    for (const mark of [...marks, admin.rbd('image-meta', 'get', ROOT, 'cdktf-libvirt-ceph')])
      expect(JSON.parse(await mark)).toMatchObject({ entryId: '' });
  });

  once.each(['pool', 'client', 'secret', 'image'] as const)(
    'another owner adopts what was released: %s',
    async (only) => {
      const other = new Deployment('adopt-next');
      const found = await admin.inventory('adopt');
      await other.deploy(stackWith({ adopt: true, only }));
      expect(await admin.inventory('adopt')).toEqual(found);
      await other.destroy();
      other.remove();
      expect(await admin.inventory('adopt')).toEqual(found);
    },
  );

  async function define(command: 'define' | 'secret-define', input: string): Promise<void> {
    const line = ['virsh', '--connect', lab().hosts[0]?.virshUri ?? '', command, '/dev/stdin'];
    await execa('sh', ['-c', 'cat | "$@"', 'sh', ...line], { input });
  }

  async function clear(): Promise<void> {
    await admin.clear('adopt');
  }
});
