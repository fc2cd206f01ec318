import type { TerraformStack } from 'cdktf';
import {
  CephClient,
  CephPool,
  CephRbdStoragePool,
  Duration,
  ImageSource,
  LibvirtCephSecret,
  LibvirtDriver,
  NetworkSource,
  RbdBackedVm,
  RbdImage,
  RemovalPolicy,
  Size,
} from '../../constructs';
import { Deployment } from '../helpers/deploy';
import { describeByDriver } from '../helpers/drivers';
import { useLab } from '../helpers/lab';
import { until } from '../helpers/until';
import { Admin, labCluster, world } from '../helpers/world';

const lab = useLab();
let admin: Admin;

beforeAll(async () => {
  admin = new Admin(lab());
  await admin.wipe('des-pool');
});

function stackOn(driver: LibvirtDriver, network: string): (stack: TerraformStack) => void {
  return (stack) => {
    const { ceph, host } = world(stack, lab(), driver);
    const access = { poolName: 'des-pool', clientId: 'des-client' };
    const storage = new CephRbdStoragePool(stack, 'des-storage', { host, cluster: ceph, ...access });
    const { pool } = storage;
    const golden = new RbdImage(stack, 'des-golden', { pool, source: ImageSource.file(lab().bootSectorImage) });
    new RbdBackedVm(stack, 'des-vm', {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(64),
      rootDisk: { source: ImageSource.clone(golden) },
      dataDisks: [{ target: 'vdb', size: Size.mebibytes(8) }],
      networkInterfaces: [{ source: NetworkSource.network(network) }],
      shutdownTimeout: Duration.seconds(2),
    });
  };
}

describeByDriver('destroy leaves the pool, with the images in its trash, and nothing else', (driver) => {
  afterEach(() => admin.wipe('des-pool'));

  const applies: readonly (readonly [how: string, apply: (deployment: Deployment) => Promise<void>])[] = [
    ['good', good],
    ['failed', failed],
    ['killed', killed],
  ];
  // With PROVIDER ssh-host.test.ts destroys what was deployed well, and kill-points.test.ts kills.
  test.each(driver === LibvirtDriver.VIRSH ? applies : applies.filter(([how]) => how === 'failed'))(
    'after a %s apply',
    async (_how, apply) => {
      const deployment = new Deployment('des');
      try {
        await apply(deployment);
      } finally {
        const output = await deployment.destroy();
        deployment.remove();
        expect(output).toContain('Destroy complete!');
      }
      expect(await admin.inventory('des-')).toEqual([
        'pool des-pool',
        'trash des-pool/des-golden',
        'trash des-pool/des-vm-root',
        'trash des-pool/des-vm-vdb',
      ]);
      const marks = JSON.parse(await admin.ceph('config-key', 'ls', '--format', 'json')) as string[];
      expect(marks.filter((key) => /des-/.test(key)).map((key) => key.replace(/trash\/des-pool\/.*/, 'trash'))).toEqual(
        ['cdktf-libvirt-ceph/pool/des-pool', ...Array.from({ length: 3 }, () => 'cdktf-libvirt-ceph/trash')],
      );
    },
  );

  async function good(deployment: Deployment): Promise<void> {
    await deployment.deploy(stackOn(driver, lab().network));
    expect(await admin.virsh('domstate', 'des-vm')).toContain('running');
  }

  /** The VM is defined but cannot start: half made, which taints its spec, or with PROVIDER its start. */
  async function failed(deployment: Deployment): Promise<void> {
    const output = await deployment.failToDeploy(stackOn(driver, 'des-no-network'));
    expect(output).toMatch(/des-vm.*des-no-network/i);
    expect(await admin.virsh('list', '--all', '--name')).toContain('des-vm');
  }

  /** Terraform dies before it knows how the VM's script ended; what it started is left behind. */
  async function killed(deployment: Deployment): Promise<void> {
    deployment.synth(stackOn(driver, lab().network));
    await deployment.init();
    const apply = deployment.start('apply', '-auto-approve');
    const isThere = async (): Promise<boolean> => (await admin.virsh('list', '--all', '--name')).includes('des-vm');
    await until('the VM is there', isThere, 50);
    apply.kill('SIGKILL');
    expect((await apply).signal).toBe('SIGKILL');
    expect((await admin.inventory('des-')).filter((line) => line.startsWith('image'))).toHaveLength(3);
  }
});

test('one destroy deletes a golden image and all its clones, also one resource at a time', async () => {
  const deployment = new Deployment('des-clones');
  const clones = ['des-one', 'des-two', 'des-three'];
  try {
    await deployment.apply((stack) => {
      const pool = new CephPool(stack, 'des-pool', { cluster: labCluster(stack, lab()) });
      const removalPolicy = RemovalPolicy.DELETE;
      const golden = new RbdImage(stack, 'des-golden', { pool, size: Size.mebibytes(8), removalPolicy });
      for (const clone of clones)
        new RbdImage(stack, clone, { pool, source: ImageSource.clone(golden), removalPolicy });
    });
    expect((await admin.rbd('ls', 'des-pool')).split('\n').sort()).toEqual(['des-golden', ...clones].sort());
    expect(await deployment.must('destroy', '-auto-approve', '-parallelism=1')).toContain('Destroy complete!');
    expect(await admin.inventory('des-')).toEqual(['pool des-pool']);
  } finally {
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    await admin.wipe('des-pool');
  }
});

// With PROVIDER lost-look-up.test.ts has one.
describe('A VM without any storage pool', () => {
  test('runs with just host, client and secret', async () => {
    const console = 'des-vm-console.log';
    const deployment = new Deployment('des-bare');
    try {
      await deployment.deploy((stack) => {
        const { ceph, host } = world(stack, lab());
        const pool = new CephPool(stack, 'des-pool', { cluster: ceph });
        const client = new CephClient(stack, 'des-client', { cluster: ceph });
        pool.grantReadWrite(client);
        new RbdBackedVm(stack, 'des-vm', {
          secret: new LibvirtCephSecret(stack, 'des-secret', { host, client }),
          vcpus: 1,
          memory: Size.mebibytes(64),
          rootDisk: {
            image: new RbdImage(stack, 'des-root', { pool, source: ImageSource.file(lab().bootSectorImage) }),
          },
          serialLogFile: `/var/log/libvirt/qemu/${console}`,
        });
      });
      await admin.seen(console, /^GUEST UP/);
      expect(await admin.inventory('des-')).toEqual([
        'client client.des-client',
        'domain des-vm',
        'image des-pool/des-root',
        'pool des-pool',
        'secret client.des-client secret',
      ]);
    } finally {
      await deployment.destroy();
      deployment.remove();
      await admin.wipe('des-pool');
    }
  });
});
