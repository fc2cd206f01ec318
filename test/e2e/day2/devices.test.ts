import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import {
  CephClient,
  CephClientConfig,
  CephCluster,
  CephPool,
  DiskBus,
  DomainType,
  ImageSource,
  LibvirtCephSecret,
  LibvirtDriver,
  LibvirtHost,
  RbdBackedVm,
  RbdDiskAttachment,
  RbdImage,
  Size,
  Transport,
  type VmDiskProps,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { useLab } from '../../helpers/lab';
import { Admin } from '../../helpers/world';

const lab = useLab();
const POOL = 'dev-pool';
const BUSES: readonly [target: string, bus: DiskBus][] = [
  ['vdb', DiskBus.VIRTIO],
  ['hda', DiskBus.IDE],
  ['sda', DiskBus.SCSI],
  ['sdb', DiskBus.SATA],
  ['sdc', DiskBus.USB],
];

interface Parts {
  readonly mebibytes?: number;
  readonly attach?: 'dev-legacy' | 'dev-vm';
  readonly vm?: boolean;
}

/** On a machine of type 'pc', the only one that has IDE. */
function stackWith({ mebibytes = 16, attach, vm = true }: Parts = {}): (stack: TerraformStack) => void {
  return (stack) => {
    const ceph = new CephCluster(stack, 'ceph', { monitors: [...lab().monitors], confFile: lab().cephConf });
    const host = new LibvirtHost(stack, 'kvm1', {
      uri: lab().hosts[0]?.uri ?? '',
      driver: LibvirtDriver.VIRSH,
      domainType: DomainType.QEMU,
      transport: Transport.command(onHost()),
    });
    const pool = new CephPool(stack, POOL, { cluster: ceph });
    const client = new CephClient(stack, 'dev-client', { cluster: ceph });
    pool.grantReadWrite(client);
    const secret = new LibvirtCephSecret(stack, 'secret', { host, client });
    const socket = '/run/$cluster-$type.$id.$pid.$cctid.asok';
    new CephClientConfig(stack, 'config', {
      host,
      client,
      adminSocket: socket,
      logFile: '/run/dev-client.log',
    }).node.addDependency(pool);
    const extra = (id: string): RbdImage => new RbdImage(stack, id, { pool, size: Size.mebibytes(16) });
    if (attach) {
      new RbdDiskAttachment(stack, 'scratch', {
        secret,
        vmName: attach,
        disk: { image: extra('dev-scratch'), target: 'vdx', serial: 'dev-scratch' },
      });
    }
    if (!vm) return;
    const golden = new RbdImage(stack, 'dev-golden', { pool, source: ImageSource.file(lab().guestImage) });
    const disk = ([target, bus]: (typeof BUSES)[number]): VmDiskProps => ({
      image: new RbdImage(stack, `dev-${bus}`, { pool, size: Size.mebibytes(bus === DiskBus.VIRTIO ? mebibytes : 16) }),
      target,
      bus,
      serial: `dev-${bus}`,
    });
    new RbdBackedVm(stack, 'dev-vm', {
      secret,
      vcpus: 1,
      memory: Size.mebibytes(256),
      machineType: 'pc',
      rootDisk: { image: new RbdImage(stack, 'dev-root', { pool, source: ImageSource.clone(golden) }) },
      dataDisks: BUSES.map(disk),
      serialLogFile: '/var/log/libvirt/qemu/dev-vm-console.log',
    }).node.addDependency(stack.node.findChild('config'));
  };
}

describe('disks, and what a VM of somebody else is given', () => {
  const deployment = new Deployment('dev');
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(POOL);
    await deployment.deploy(stackWith());
  }, 180_000);

  afterAll(async () => {
    await admin.virsh('destroy', 'dev-legacy').catch(() => '');
    await admin.virsh('undefine', 'dev-legacy').catch(() => '');
    rmSync(legacyDisk(), { force: true });
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    await admin.wipe(POOL);
  }, 120_000);

  test.each(BUSES)(
    'seed 17: the guest sees a disk on its bus: %s, %s',
    async (_target, bus) => {
      const line = new RegExp(`^DISK \\S+ SIZE 16777216 BUS ${bus} SERIAL dev-${bus}$`);
      expect(await admin.seen('dev-vm-console.log', line)).toBeTruthy();
    },
    120_000,
  );

  test('seed 10: the admin socket of the VM answers, and its log is written', async () => {
    const [socket = ''] = (await shell('ls /run/*client.dev-client.*.asok')).split('\n');
    expect(await shell(`ceph --admin-daemon ${socket} version`)).toMatch(/"version": "\d+\./);
    expect(await shell('cat /etc/ceph/ceph.conf')).toContain('[client.dev-client]\n');
    expect(await shell('ls /run/dev-client.log')).toBe('/run/dev-client.log');
  }, 60_000);

  test('a disk grows under the VM that runs: the guest sees it, without a restart', async () => {
    const id = await admin.virsh('domid', 'dev-vm');
    await deployment.deploy(stackWith({ mebibytes: 32 }));
    expect(await admin.seen('dev-vm-console.log', /^DISK vdb SIZE 33554432 BUS virtio/)).toBeTruthy();
    expect(await admin.virsh('domid', 'dev-vm')).toBe(id);
  }, 120_000);

  test('fails to make it smaller, and cuts nothing', async () => {
    expect(await deployment.failToDeploy(stackWith({ mebibytes: 8 }))).toContain('an image is never cut');
    expect(await admin.rbd('info', `${POOL}/dev-virtio`)).toContain('size 32 MiB');
    await deployment.deploy(stackWith({ mebibytes: 32 }));
  }, 120_000);

  test('fails to attach a disk to a VM of another stack', async () => {
    const other = new Deployment('dev-other');
    const said = await other.failToDeploy(attachmentOf('dev-vm'));
    expect(said).toContain(
      `VM 'dev-vm' is managed by cdktf-libvirt-ceph (stack 'dev'); give it the disk where it is made`,
    );
    await other.destroy();
    other.remove();
  }, 60_000);

  describe('seed 16: an RBD disk on a VM that was made by hand', () => {
    test('is attached while it runs, and persistent', async () => {
      await defineLegacy();
      const id = await admin.virsh('domid', 'dev-legacy');
      await deployment.deploy(stackWith({ attach: 'dev-legacy', vm: false }));
      expect(await admin.seen('dev-legacy-console.log', /BUS virtio SERIAL dev-scratch/)).toBeTruthy();
      expect(await admin.virsh('domid', 'dev-legacy')).toBe(id);
      expect(await admin.virsh('domblklist', 'dev-legacy')).toMatch(/vdx +dev-pool\/dev-scratch/);
    }, 180_000);

    test('is still there after a restart of the VM', async () => {
      await admin.virsh('destroy', 'dev-legacy');
      await admin.virsh('start', 'dev-legacy');
      expect(await admin.seen('dev-legacy-console.log', /BUS virtio SERIAL dev-scratch/)).toBeTruthy();
    }, 120_000);

    test('is off again when it leaves the code, live and persistent, and its image is in the trash', async () => {
      await deployment.deploy(stackWith({ vm: false }));
      for (const flags of [[], ['--inactive']]) {
        expect(await admin.virsh('domblklist', ...flags, 'dev-legacy')).not.toContain('vdx');
      }
      expect(await admin.inventory('dev-')).toEqual(
        expect.arrayContaining([`trash ${POOL}/dev-scratch`, 'domain dev-legacy']),
      );
    }, 120_000);
  });

  /** Boots from a file, and knows nothing of Ceph. */
  async function defineLegacy(): Promise<void> {
    cpSync(lab().guestImage, legacyDisk());
    const log = '/var/log/libvirt/qemu/dev-legacy-console.log';
    const input = `<domain type='qemu'><name>dev-legacy</name><memory unit='MiB'>256</memory>
      <os><type machine='pc'>hvm</type></os><features><acpi/></features><devices>
      <disk type='file'><driver name='qemu' type='raw'/><source file='${legacyDisk()}'/><target dev='vda' bus='virtio'/></disk>
      <serial type='pty'><log file='${log}'/></serial></devices></domain>`;
    const define = ['virsh', '--connect', lab().hosts[0]?.virshUri ?? '', 'define', '/dev/stdin'];
    await execa('sh', ['-c', 'cat | "$@"', 'sh', ...define], { input });
    await admin.virsh('start', 'dev-legacy');
    await admin.seen('dev-legacy-console.log', /^GUEST UP/);
    await sleep(1000);
  }

  function attachmentOf(vmName: string): (stack: TerraformStack) => void {
    return (stack) => {
      const ceph = new CephCluster(stack, 'ceph', { monitors: [...lab().monitors], confFile: lab().cephConf });
      const host = new LibvirtHost(stack, 'kvm1', { uri: lab().hosts[0]?.uri ?? '', driver: LibvirtDriver.VIRSH });
      const client = CephClient.fromClientId(stack, 'client', { cluster: ceph, clientId: 'dev-client' });
      const secret = LibvirtCephSecret.fromUsage(stack, 'secret', { host, client, usage: 'client.dev-client secret' });
      const pool = CephPool.fromPoolName(stack, 'pool', { cluster: ceph, poolName: POOL });
      const image = RbdImage.fromImageName(stack, 'image', { pool, imageName: 'dev-golden' });
      new RbdDiskAttachment(stack, 'scratch', { secret, vmName, disk: { image, target: 'vdx', readOnly: true } });
    };
  }

  async function shell(line: string): Promise<string> {
    const [file = '', ...args] = [...onHost(), 'sh', '-c', line];
    return (await execa(file, args, { stdin: 'ignore' })).stdout;
  }
});

function onHost(): string[] {
  return ['nsenter', '--target', String(lab().hosts[0]?.mountNamespacePid), '--mount', '--'];
}

function legacyDisk(): string {
  return join(lab().folder, 'dev-legacy.img');
}
