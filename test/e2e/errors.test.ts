import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import {
  CephClient,
  CephCluster,
  CephPool,
  CephRbdStoragePool,
  ImageSource,
  LibvirtCephSecret,
  LibvirtDriver,
  type ICephPool,
  type IRbdImage,
  RbdBackedVm,
  RbdDiskAttachment,
  RbdImage,
  RbdSnapshot,
  Size,
} from '../../constructs';
import { Deployment } from '../helpers/deploy';
import { describeByDriver } from '../helpers/drivers';
import { useLab } from '../helpers/lab';
import { onLabHost, restartLibvirtd } from '../helpers/lab-faults';
import { Admin, world } from '../helpers/world';

const lab = useLab();
const folder = mkdtempSync(join(tmpdir(), 'err-'));
const UUIDS = { secret: 'e0000000-0000-4000-8000-000000000001', storage: 'e0000000-0000-4000-8000-000000000002' };
let admin: Admin;

/** XML is passed as a file: a child's standard input from Node.js is a socket, which virsh cannot open by path. */
async function define(command: string, xml: string): Promise<void> {
  const file = join(folder, 'given.xml');
  writeFileSync(file, xml);
  await admin.virsh(command, file);
}

/** Everything here was made by hand, under names that the stack wants. */
async function makeWhatIsNotOurs(): Promise<void> {
  await admin.ceph('osd', 'pool', 'create', 'err-pool', '8');
  await admin.rbd('pool', 'init', 'err-pool');
  await admin.ceph('auth', 'add', 'client.err-client', 'mon', 'profile rbd', 'osd', 'profile rbd pool=err-pool');
  for (const image of ['image', 'base', 'large', 'fat'])
    await admin.rbd('create', '--size', '16M', `err-pool/err-${image}`);
  await admin.rbd('snap', 'create', '--no-progress', 'err-pool/err-base@err-snap');
  await define(
    'secret-define',
    `<secret ephemeral='no' private='no'><uuid>${UUIDS.secret}</uuid><usage type='ceph'><name>err-secret</name></usage></secret>`,
  );
  await define(
    'pool-define',
    `<pool type='rbd'><name>err-storage</name><uuid>${UUIDS.storage}</uuid><source><host name='127.0.0.1'/><name>err-pool</name></source></pool>`,
  );
  const disk = `<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='rbd' name='err-pool/err-base'><host name='127.0.0.1'/></source><target dev='vdb' bus='virtio'/></disk>`;
  const vm = (name: string): string =>
    `<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory><os><type>hvm</type></os><devices>${disk}</devices></domain>`;
  await define('define', vm('err-vm'));
  await define('define', vm('err-other'));
}

async function clearWhatIsNotOurs(): Promise<void> {
  for (const name of ['err-vm', 'err-other']) await admin.virsh('undefine', name).catch(() => '');
  await admin.virsh('pool-undefine', 'err-storage').catch(() => '');
  await admin.virsh('secret-undefine', UUIDS.secret).catch(() => '');
  for (const name of ['err-client', 'err-ok']) await admin.ceph('auth', 'rm', `client.${name}`);
  await admin.wipe('err-pool');
}

/** Everything that could have been harmed, in every detail. */
async function everything(): Promise<{ readonly [what: string]: unknown }> {
  const { ceph, rbd, virsh } = {
    ceph: admin.ceph.bind(admin),
    rbd: admin.rbd.bind(admin),
    virsh: admin.virsh.bind(admin),
  };
  return {
    inventory: await admin.inventory('err-'),
    client: await ceph('auth', 'get', 'client.err-client'),
    images: await rbd('ls', '--long', 'err-pool'),
    meta: await rbd('image-meta', 'list', 'err-pool/err-image').then(async (text) => [
      text,
      await rbd('image-meta', 'list', 'err-pool/err-base'),
    ]),
    secret: await virsh('secret-dumpxml', UUIDS.secret),
    storage: await virsh('pool-dumpxml', 'err-storage'),
    vms: [await virsh('dumpxml', 'err-vm'), await virsh('dumpxml', 'err-other')],
    marks: (JSON.parse(await ceph('config-key', 'ls', '--format', 'json')) as string[]).filter((key) =>
      key.includes('err-'),
    ),
  };
}

/** One stack whose objects each fail because of their own fault; they do not depend on each other. */
const stackOfFaults = (driver: LibvirtDriver) => (stack: TerraformStack) => {
  const { ceph, host } = world(stack, lab(), driver);
  const pool = CephPool.fromPoolName(stack, 'there', { cluster: ceph, poolName: 'err-pool' });
  const client = CephClient.fromClientId(stack, 'known', { cluster: ceph, clientId: 'err-client' });
  const secret = LibvirtCephSecret.fromUsage(stack, 'given', { host, client, usage: 'err-secret' });
  const named = (id: string): IRbdImage => RbdImage.fromImageName(stack, id, { pool, imageName: `err-${id}` });
  const [base, large, gone] = [named('base'), named('large'), named('gone')];
  const vm = { secret, vcpus: 1, memory: Size.mebibytes(64) };

  new LibvirtCephSecret(stack, 'err-secret', { host, client, usage: 'err-secret' });
  new CephRbdStoragePool(stack, 'err-storage', { host, pool, client, secret });
  new RbdBackedVm(stack, 'err-vm', { ...vm, rootDisk: { image: base } });
  new RbdDiskAttachment(stack, 'err-disk', { secret, vmName: 'err-other', disk: { image: large, target: 'vdb' } });
  new RbdBackedVm(stack, 'err-diskless', { ...vm, rootDisk: { image: gone } });
  const unknown = CephClient.fromClientId(stack, 'unknown', { cluster: ceph, clientId: 'err-unknown' });
  new LibvirtCephSecret(stack, 'err-keyless', { host, client: unknown });
  if (driver === LibvirtDriver.VIRSH) addFaultsInCeph(stack, pool, base, gone);
};

/** Objects that are on no host. */
function addFaultsInCeph(stack: TerraformStack, pool: ICephPool, base: IRbdImage, gone: IRbdImage): void {
  const ceph = pool.cluster;
  new CephPool(stack, 'err-pool', { cluster: ceph, pgNum: 1 });
  new CephClient(stack, 'err-client', { cluster: ceph });
  new RbdImage(stack, 'err-image', { pool, size: Size.mebibytes(32) });
  new RbdSnapshot(stack, 'err-snap', { image: base });
  const nowhere = CephPool.fromPoolName(stack, 'nowhere', { cluster: ceph, poolName: 'err-nowhere' });
  new RbdImage(stack, 'err-in-nowhere', { pool: nowhere, size: Size.mebibytes(8) });
  new RbdImage(stack, 'err-fat', { pool, size: Size.mebibytes(8), adopt: true });
  new RbdImage(stack, 'err-no-file', { pool, source: ImageSource.file('images/err.qcow2') });
  const garbage = join(folder, 'garbage.qcow2');
  new RbdImage(stack, 'err-garbage', { pool, source: ImageSource.file(garbage, { format: 'qcow2' }) });
  new RbdImage(stack, 'err-odd', { pool, source: ImageSource.file(garbage) });
  const wrong = { sha256: '0'.repeat(64) };
  new RbdImage(stack, 'err-checksum', { pool, source: ImageSource.file(lab().quickGuestImage, wrong) });
  new RbdImage(stack, 'err-cut', { pool, source: ImageSource.file(lab().quickGuestImage), size: Size.mebibytes(8) });
  new RbdImage(stack, 'err-orphan', { pool, source: ImageSource.clone(gone) });
}

type Fault = readonly [fault: string, said: RegExp];
const ON_HOST: readonly Fault[] = [
  [
    'a secret that exists and is not ours',
    /secret 'err-secret' already exists and does not belong to this stack; set 'adopt: true' to take it over, or 'virsh secret-undefine e0000000-/,
  ],
  [
    'a storage pool that exists and is not ours',
    /storage pool 'err-storage' already exists with uuid e0000000-\S+ and does not belong to this entry .*remove it with 'virsh pool-undefine err-storage'/,
  ],
  [
    'a VM that exists and is not ours',
    /VM 'err-vm' already exists and does not belong to this stack; choose another 'vmName'/,
  ],
  [
    "a target of another's VM that is taken",
    /disk vdb of VM 'err-other': check the VM: the VM has another disk at this target \(err-pool\/err-base\); choose another 'target'/,
  ],
  [
    'an image of a VM that is missing',
    /VM 'err-diskless' needs image 'err-pool\/err-gone' for disk vda, but it is missing; create it again/,
  ],
  [
    'a client that does not exist in Ceph',
    /secret 'client\.err-unknown secret' needs the key of 'client\.err-unknown', which does not exist in Ceph; create that client first/,
  ],
];
const IN_CEPH: readonly Fault[] = [
  [
    'a pool that exists and is not ours',
    /pool 'err-pool' already exists and does not belong to this stack; set 'adopt: true' to take it over/,
  ],
  [
    'a client that exists and is not ours',
    /client 'err-client' already exists and does not belong to this stack; set 'adopt: true' .* free the name: 'ceph auth del client\.err-client'/,
  ],
  [
    'an image that exists and is not ours',
    /image 'err-pool\/err-image' already exists and does not belong to this stack; set 'adopt: true' .*'rbd mv err-pool\/err-image err-pool\/err-image-old'/,
  ],
  [
    'a snapshot that exists and is not ours',
    /snapshot 'err-pool\/err-base@err-snap' already exists and does not belong to this stack; use it with RbdSnapshot\.fromSnapshotName/,
  ],
  [
    'an unknown pool',
    /image 'err-nowhere\/err-in-nowhere': take its lock: pool 'err-nowhere' does not exist in the cluster; correct its name/,
  ],
  [
    'a size below that of the image',
    /image 'err-pool\/err-fat' has 16 MiB \(16777216 bytes\), more than its wanted size of 8 MiB: images are never shrunk; set 'size'/,
  ],
  [
    'an image file that is missing',
    /the file of the image does not exist: looked for '\S+images\/err\.qcow2'.*; put it there/,
  ],
  ['a file that is not of its declared format', /'\S+\/garbage\.qcow2' is not a disk: .*; give a raw, qcow2/],
  ['a file that is no image', /'\S+\/garbage\.qcow2' is not a disk: its size, 16 bytes, is not a multiple of 512/],
  ['a wrong checksum', /the checksum of '\S+' is wrong: its sha256 is [0-9a-f]{64}, not 0{64}; fetch the file again/],
  [
    'a size below that of the source',
    /image 'err-pool\/err-cut' would be truncated: its size is 8 MiB, but the content of /,
  ],
  [
    'a parent that is missing',
    /image 'err-pool\/err-orphan' is missing and so is its parent, image 'err-pool\/err-gone'; restore the parent/,
  ],
];

beforeAll(() => {
  admin = new Admin(lab());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeByDriver('An apply fails with exit code 1 and one line that says what to do', (driver) => {
  const faults = driver === LibvirtDriver.VIRSH ? [...ON_HOST, ...IN_CEPH] : ON_HOST;
  const deployment = new Deployment('err');
  let before: { readonly [what: string]: unknown };
  let output = '';

  beforeAll(async () => {
    writeFileSync(join(folder, 'garbage.qcow2'), 'this is no image');
    await clearWhatIsNotOurs();
    await makeWhatIsNotOurs();
    before = await everything();
    output = await deployment.failToDeploy(stackOfFaults(driver));
  });
  afterAll(async () => {
    deployment.remove();
    await clearWhatIsNotOurs();
  });

  test.each(faults)('on %s', (_fault, said) => expect(output).toMatch(said));

  test('each fault is reported once, on its own line', () => {
    expect(output.match(/Error: local-exec provisioner error/g)).toHaveLength(faults.length);
  });

  test('nothing is harmed, and nothing half done is left behind', async () => {
    expect(await everything()).toEqual(before);
  });

  test('the following destroy touches nothing that is not ours', async () => {
    await deployment.destroy();
    expect(await everything()).toEqual(before);
  });
});

describe('An apply fails', () => {
  test('within 30 s when no monitor answers, and names those that it tried', async () => {
    const deployment = new Deployment('err-away');
    const confFile = join(folder, 'dead.conf');
    writeFileSync(confFile, `[global]\nmon_host = 192.0.2.1:6789\nkeyring = ${lab().folder}/admin.keyring\n`);
    const build = (stack: TerraformStack): void => {
      const cluster = new CephCluster(stack, 'ceph', { monitors: ['192.0.2.1:6789'], confFile });
      new CephPool(stack, 'err-pool', { cluster });
    };
    await deployment.synth(build).init();
    const started = Date.now();
    const output = await deployment.failToDeploy(build);
    expect(Date.now() - started).toBeLessThan(30_000);
    expect(output).toMatch(
      /pool 'err-pool': .*no monitor of \S+dead\.conf answered, tried: 192\.0\.2\.1:6789 .*; check that the monitors run/,
    );
    deployment.remove();
  });
});

describeByDriver('an apply fails', (driver) => {
  const deployment = new Deployment('err-away');
  afterAll(async () => {
    await deployment.destroy();
    deployment.remove();
    await clearWhatIsNotOurs();
  });

  test('when libvirt has no storage driver for RBD, and names the package; the pool is created once it is installed', async () => {
    const build = (stack: TerraformStack): void => {
      const { ceph, host } = world(stack, lab(), driver);
      new CephRbdStoragePool(stack, 'err-storage', { host, cluster: ceph, poolName: 'err-pool', clientId: 'err-ok' });
    };
    const place =
      (await execa('dpkg', ['-L', 'libvirt-daemon'])).stdout
        .split('\n')
        .find((line) => line.endsWith('/storage-backend')) ?? '';
    const others = join(lab().folder, 'kvm1', 'backends');
    await execa('sh', ['-c', 'mkdir -p "$2" && cp "$1"/* "$2" && rm "$2"/*_rbd.so', 'sh', place, others]);
    await onLabHost(lab(), 'mount', '--bind', others, place);
    let output = '';
    try {
      await restartLibvirtd(lab());
      output = await deployment.failToDeploy(build);
    } finally {
      await onLabHost(lab(), 'umount', '--lazy', place);
      rmSync(others, { recursive: true });
      await restartLibvirtd(lab());
    }
    expect(output).toMatch(
      /storage pool 'err-storage': .*libvirt on that host has no storage driver for RBD .*; install the Debian package libvirt-daemon-driver-storage-rbd there, restart libvirtd/,
    );
    expect(await admin.virsh('pool-list', '--all', '--name')).not.toContain('err-storage');
    await deployment.deploy(build);
    expect(await admin.virsh('pool-info', 'err-storage')).toMatch(/State: +running/);
  });
});
