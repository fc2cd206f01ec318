import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import {
  CephClient,
  CephClientConfig,
  CephPool,
  DiskBus,
  ImageSource,
  LibvirtCephSecret,
  RbdBackedVm,
  RbdDiskAttachment,
  RbdImage,
  Size,
  Transport,
  type VmDiskProps,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver, onceFor } from '../../helpers/drivers';
import { useLab, wordsInto } from '../../helpers/lab';
import { Admin, labCluster, labHost } from '../../helpers/world';

const lab = useLab();
const BUSES: readonly [target: string, bus: DiskBus][] = [
  ['vdb', DiskBus.VIRTIO],
  ['hda', DiskBus.IDE],
  ['sda', DiskBus.SCSI],
  ['sdb', DiskBus.SATA],
  ['sdc', DiskBus.USB],
];

interface Parts {
  readonly mebibytes?: number;
  readonly attach?: boolean;
  readonly vm?: boolean;
}

describeByDriver("Disks, and what somebody else's VM is given", (driver, prefix) => {
  const once = onceFor(driver);
  const name = `${prefix}dev`;
  const pool = `${name}-pool`;
  const log = `${name}-console.log`;
  const vmName = `${name}-vm`;
  const legacy = `${name}-legacy`;
  const legacyLog = `${legacy}-console.log`;
  const deployment = new Deployment(name);
  let admin: Admin;
  // Where the console's log of this run begins.
  let start = 0;

  /** On a machine of type 'pc', the only one with IDE. */
  const stackWith =
    ({ mebibytes = 16, attach = false, vm = true }: Parts = {}) =>
    (stack: TerraformStack): void => {
      const ceph = labCluster(stack, lab());
      const host = labHost(stack, lab(), { driver, transport: Transport.command(wordsInto(lab())) });
      const cephPool = new CephPool(stack, pool, { cluster: ceph });
      const client = new CephClient(stack, `${name}-client`, { cluster: ceph });
      cephPool.grantReadWrite(client);
      const secret = new LibvirtCephSecret(stack, 'secret', { host, client });
      const socket = '/run/$cluster-$type.$id.$pid.$cctid.asok';
      new CephClientConfig(stack, 'config', {
        host,
        client,
        adminSocket: socket,
        logFile: `/run/${name}-client.log`,
      }).node.addDependency(cephPool);
      const extra = (id: string): RbdImage => new RbdImage(stack, id, { pool: cephPool, size: Size.mebibytes(16) });
      if (attach) {
        new RbdDiskAttachment(stack, 'scratch', {
          secret,
          vmName: legacy,
          disk: { image: extra(`${name}-scratch`), target: 'vdx', serial: `${name}-scratch` },
        });
      }
      if (!vm) return;
      const golden = new RbdImage(stack, `${name}-golden`, {
        pool: cephPool,
        source: ImageSource.file(lab().guestImage),
      });
      const disk = ([target, bus]: (typeof BUSES)[number]): VmDiskProps => ({
        image: new RbdImage(stack, `${name}-${bus}`, {
          pool: cephPool,
          size: Size.mebibytes(bus === DiskBus.VIRTIO ? mebibytes : 16),
        }),
        target,
        bus,
        serial: `${name}-${bus}`,
      });
      new RbdBackedVm(stack, vmName, {
        secret,
        vcpus: 1,
        memory: Size.mebibytes(256),
        machineType: 'pc',
        rootDisk: { image: new RbdImage(stack, `${name}-root`, { pool: cephPool, source: ImageSource.clone(golden) }) },
        dataDisks: BUSES.map(disk),
        serialLogFile: `/var/log/libvirt/qemu/${log}`,
      }).node.addDependency(stack.node.findChild('config'));
    };

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(pool);
    start = admin.console(log).length;
    await deployment.deploy(stackWith());
    await deployment.expectWhole();
  });

  afterAll(async () => {
    rmSync(legacyDisk(), { force: true });
    deployment.remove();
    await admin.clear(name);
  });

  test.each(BUSES)('seed 17: the guest sees a disk on its bus: %s, %s', async (_target, bus) => {
    const line = new RegExp(`^DISK \\S+ SIZE 16777216 BUS ${bus} SERIAL ${name}-${bus}$`);
    expect(await admin.seen(log, line, start)).toBeTruthy();
  });

  test('seed 10: the admin socket of the VM answers, and its log is written', async () => {
    const [socket = ''] = (await shell(`ls /run/*client.${name}-client.*.asok`)).split('\n');
    expect(await shell(`ceph --admin-daemon ${socket} version`)).toMatch(/"version": "\d+\./);
    expect(await shell('cat /etc/ceph/ceph.conf')).toContain(`[client.${name}-client]\n`);
    expect(await shell(`ls /run/${name}-client.log`)).toBe(`/run/${name}-client.log`);
  });

  once('a disk grows under a running VM, and the guest sees it without a restart', async () => {
    const id = await admin.virsh('domid', vmName);
    await deployment.deploy(stackWith({ mebibytes: 32 }));
    expect(await admin.seen(log, /^DISK vdb SIZE 33554432 BUS virtio/, start)).toBeTruthy();
    expect(await admin.virsh('domid', vmName)).toBe(id);
  });

  once('fails to make a disk smaller, and shrinks nothing', async () => {
    expect(await deployment.failToDeploy(stackWith({ mebibytes: 8 }))).toContain('images are never shrunk');
    expect(await admin.rbd('info', `${pool}/${name}-virtio`)).toContain('size 32 MiB');
    await deployment.deploy(stackWith({ mebibytes: 32 }));
  });

  once('fails to attach a disk to a VM of another stack', async () => {
    const other = new Deployment(`${name}-other`);
    const said = await other.failToDeploy(attachmentToVm);
    expect(said).toContain(`the VM is managed by cdktf-libvirt-ceph (stack '${name}'); add the disk there`);
    await other.destroy();
    other.remove();
  });

  describe('seed 16: an RBD disk on a VM that was made by hand', () => {
    once('is attached while it runs, and persistently', async () => {
      await defineLegacy();
      const id = await admin.virsh('domid', legacy);
      await deployment.deploy(stackWith({ attach: true, vm: false }));
      expect(await admin.seen(legacyLog, new RegExp(`BUS virtio SERIAL ${name}-scratch`))).toBeTruthy();
      expect(await admin.virsh('domid', legacy)).toBe(id);
      expect(await admin.virsh('domblklist', legacy)).toMatch(new RegExp(`vdx +${pool}/${name}-scratch`));
    });

    once('is still there after a restart of the VM', async () => {
      await admin.virsh('destroy', legacy);
      await admin.virsh('start', legacy);
      expect(await admin.seen(legacyLog, new RegExp(`BUS virtio SERIAL ${name}-scratch`))).toBeTruthy();
    });

    once('is detached when it leaves the code, live and persistently, and its image is in the trash', async () => {
      await deployment.deploy(stackWith({ vm: false }));
      for (const flags of [[], ['--inactive']]) {
        expect(await admin.virsh('domblklist', ...flags, legacy)).not.toContain('vdx');
      }
      expect(await admin.inventory(`${name}-`)).toEqual(
        expect.arrayContaining([`trash ${pool}/${name}-scratch`, `domain ${legacy}`]),
      );
    });
  });

  /** Boots from a file, without Ceph. */
  async function defineLegacy(): Promise<void> {
    cpSync(lab().guestImage, legacyDisk());
    const input = `<domain type='qemu'><name>${legacy}</name><memory unit='MiB'>256</memory>
      <os><type machine='pc'>hvm</type></os><features><acpi/></features><devices>
      <disk type='file'><driver name='qemu' type='raw'/><source file='${legacyDisk()}'/><target dev='vda' bus='virtio'/></disk>
      <serial type='pty'><log file='/var/log/libvirt/qemu/${legacyLog}'/></serial></devices></domain>`;
    const define = ['virsh', '--connect', lab().hosts[0]?.virshUri ?? '', 'define', '/dev/stdin'];
    await execa('sh', ['-c', 'cat | "$@"', 'sh', ...define], { input });
    await admin.virsh('start', legacy);
    await admin.seen(legacyLog, /^DISK vda BOOTS/);
  }

  function attachmentToVm(stack: TerraformStack): void {
    const ceph = labCluster(stack, lab());
    const host = labHost(stack, lab(), { driver });
    const client = CephClient.fromClientId(stack, 'client', { cluster: ceph, clientId: `${name}-client` });
    const secret = LibvirtCephSecret.fromUsage(stack, 'secret', {
      host,
      client,
      usage: `client.${name}-client secret`,
    });
    const cephPool = CephPool.fromPoolName(stack, 'pool', { cluster: ceph, poolName: pool });
    const image = RbdImage.fromImageName(stack, 'image', { pool: cephPool, imageName: `${name}-golden` });
    new RbdDiskAttachment(stack, 'scratch', {
      secret,
      vmName,
      disk: { image, target: 'vdx', readOnly: true },
    });
  }

  async function shell(line: string): Promise<string> {
    const [file = '', ...args] = [...wordsInto(lab()), 'sh', '-c', line];
    return (await execa(file, args, { stdin: 'ignore' })).stdout;
  }
});

function legacyDisk(): string {
  return join(lab().folder, 'dev-legacy.img');
}
