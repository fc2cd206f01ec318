import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import {
  CephPool,
  CephRbdStoragePool,
  Duration,
  ImageSource,
  LibvirtDriver,
  RbdBackedVm,
  RbdImage,
  Size,
  Transport,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByProvider } from '../../helpers/drivers';
import { useLab, virsh } from '../../helpers/lab';
import { whileOpen } from '../../helpers/rbd';
import { Admin, labCluster, labHost, world } from '../../helpers/world';

const lab = useLab({ hosts: 2 });
const folder = mkdtempSync(join(tmpdir(), 'wat-'));
const SOURCE = join(folder, 'source.raw');
/** Where Ceph's tools run for the import. */
const TOOL = join(folder, 'tool');
/** The process group of whoever opens the image that the import makes. */
const OPENER = join(folder, 'opener.pid');

/** Before: an image 'wat-old'. After: it has another name, and one is imported. */
function images(after: boolean): (stack: TerraformStack) => void {
  return (stack) => {
    const pool = new CephPool(stack, 'wat-pool', { cluster: world(stack, lab()).ceph });
    new RbdImage(stack, after ? 'wat-new' : 'wat-old', { pool, size: Size.mebibytes(8) });
    const cluster = labCluster(stack, lab(), { id: 'elsewhere', transport: Transport.command([TOOL]) });
    const there = CephPool.fromPoolName(stack, 'away', { cluster, poolName: 'wat-pool' });
    if (after) new RbdImage(stack, 'wat-import', { pool: there, source: ImageSource.file(SOURCE) });
  };
}

/** Before: a VM on kvm1. After: on kvm2. */
function vm(driver: LibvirtDriver, after: boolean): (stack: TerraformStack) => void {
  return (stack) => {
    const { ceph, host } = world(stack, lab(), driver);
    const way = { cluster: ceph, poolName: 'wam-pool', clientId: 'wam-client' };
    const here = new CephRbdStoragePool(stack, 'wam-storage', { host, ...way });
    const there = new CephRbdStoragePool(stack, 'wam-storage2', {
      host: labHost(stack, lab(), { driver }, 1),
      ...way,
    });
    new RbdBackedVm(stack, 'wam-vm', {
      storage: after ? there : here,
      vcpus: 1,
      memory: Size.mebibytes(32),
      rootDisk: { size: Size.mebibytes(8) },
      autostart: true,
      shutdownTimeout: Duration.seconds(1),
    });
  };
}

describe('While somebody else has images open', () => {
  const [deployment, moving] = [new Deployment('wat'), new Deployment('wam')];
  let admin: Admin;
  /** The output of the applies, for the images and for the VM. */
  let said = ['', ''];

  beforeAll(async () => {
    admin = new Admin(lab());
    writeFileSync(SOURCE, Buffer.alloc(4 * 2 ** 20, 'the data of an image '));
    writeFileSync(TOOL, toolThatOpens());
    chmodSync(TOOL, 0o755);
    await admin.wipe('wat-pool', 'wam-pool');
    await Promise.all([deployment.deploy(images(false)), moving.deploy(vm(LibvirtDriver.VIRSH, false))]);
    try {
      said = await Promise.all([
        whileOpen(lab(), 'wat-pool/wat-old', () => deployment.failToDeploy(images(true))),
        whileOpen(lab(), 'wam-pool/wam-vm-root', () => moving.failToDeploy(vm(LibvirtDriver.VIRSH, true))),
      ]);
    } finally {
      letGo();
    }
  });

  afterAll(async () => {
    for (const one of [deployment, moving]) one.remove();
    rmSync(folder, { recursive: true });
    await admin.clear('wam-', 'wat-');
  });

  /** Runs every command, and opens the image that an import makes before it is renamed. */
  function toolThatOpens(): string {
    const rbd = `rbd --conf ${lab().cephConf}`;
    return `#!/bin/sh
case " $* " in *' import '*)
  "$@" || exit $?
  for word; do case $word in wat-pool/*) image=$word ;; esac; done
  if ! [ -e ${OPENER} ]; then
    setsid sh -c 'echo $$ >${OPENER}; sleep 600 | ${rbd} watch "$1"' sh "$image" >/dev/null 2>&1 </dev/null &
    until ${rbd} status "$image" | grep -q watcher=; do sleep 0.1; done
  fi
  exit 0
esac
exec "$@"
`;
  }

  /** Waits until nobody has the image of the import open any more. */
  function letGo(): void {
    const group = existsSync(OPENER) ? Number(readFileSync(OPENER, 'utf8')) : 0;
    if (group > 1) process.kill(-group);
    writeFileSync(OPENER, '0');
  }

  const names = async (): Promise<string[]> => (await admin.rbd('ls', 'wat-pool')).split('\n');

  test('an image renamed in the code stays under its old name, and the client is named', async () => {
    expect(said[0]).toMatch(/image 'wat-pool\/wat-old' cannot be moved to the trash: it is in use by client\.\d+ at /);
    expect(await names()).toContain('wat-old');
    expect(await admin.rbd('trash', 'ls', 'wat-pool')).toBe('');
  });

  test('an imported image does not get its name, and the client is named', async () => {
    expect(said[0]).toMatch(
      /image 'wat-pool\/wat-import\.cdktf-\S+' cannot be given its final name: it is in use by client\.\d+ at /,
    );
    expect(await names()).not.toContain('wat-import');
  });

  test('a VM that moves starts on no host, and the client is named', async () => {
    expect(said[1]).toMatch(/VM 'wam-vm' cannot start: its image 'wam-pool\/wam-vm-root' is in use by client\.\d+ at /);
    for (const host of [0, 1]) expect(await virsh(lab(), host, 'list', '--name')).not.toContain('wam-vm');
  });

  test('once they let go, the next apply does it all', async () => {
    await Promise.all([deployment.deploy(images(true)), moving.deploy(vm(LibvirtDriver.VIRSH, true))]);
    expect(await names()).toEqual(['wat-import', 'wat-new']);
    expect(await admin.rbd('trash', 'ls', 'wat-pool')).toContain('wat-old');
    expect(await virsh(lab(), 1, 'list', '--name')).toContain('wam-vm');
    await expect(admin.compare('wat-pool/wat-import', SOURCE)).resolves.toBeUndefined();
  });
});

describeByProvider('While somebody else has the image of a moving VM open', () => {
  const deployment = new Deployment('wam');
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('wam-pool');
    await deployment.deploy(vm(LibvirtDriver.PROVIDER, false));
  });

  afterAll(async () => {
    deployment.remove();
    await admin.clear('wam-');
  });

  /** The VM starts on no host while somebody has its image open, and afterwards on the second host. */
  async function expectGate(): Promise<void> {
    const said = await whileOpen(lab(), 'wam-pool/wam-vm-root', () =>
      deployment.failToDeploy(vm(LibvirtDriver.PROVIDER, true)),
    );
    expect(said).toMatch(/VM 'wam-vm' cannot start: its image 'wam-pool\/wam-vm-root' is in use by client\.\d+ at /);
    for (const host of [0, 1]) {
      expect(await virsh(lab(), host, 'list', '--name')).not.toContain('wam-vm');
      expect(await virsh(lab(), host, 'list', '--all', '--autostart', '--name')).not.toContain('wam-vm');
    }
    await deployment.deploy(vm(LibvirtDriver.PROVIDER, true));
    expect(await virsh(lab(), 1, 'list', '--autostart', '--name')).toContain('wam-vm');
  }

  test('the VM starts on no host, the client is named, and once they let go, the next apply starts it', async () => {
    await expectGate();
  });

  test('the VM does not start either when the provider creates it again by itself, as after a migration by hand', async () => {
    await virsh(lab(), 1, 'destroy', 'wam-vm');
    await virsh(lab(), 1, 'undefine', 'wam-vm');
    deployment.synth(vm(LibvirtDriver.PROVIDER, true));
    expect((await deployment.plannedChanges()).sort()).toEqual([
      'libvirt_domain.kvm2-wam-vm: create',
      'terraform_data.wam-vm_started: delete create',
    ]);
    await expectGate();
  });
});
