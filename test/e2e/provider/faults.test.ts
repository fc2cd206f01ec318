import type { TerraformStack } from 'cdktf';
import { CephRbdStoragePool, Duration, LibvirtDriver, RbdBackedVm, Size } from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByProvider } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { withoutLibvirtd } from '../../helpers/lab-faults';
import { Admin, world } from '../../helpers/world';

const lab = useLab();

/** A VM without a system, so that it ignores shutdown requests. */
function build(stack: TerraformStack): void {
  const { ceph: cluster, host } = world(stack, lab(), LibvirtDriver.PROVIDER);
  const way = { host, cluster, poolName: 'pf-pool', clientId: 'pf-client' };
  new RbdBackedVm(stack, 'pf-deaf', {
    storage: new CephRbdStoragePool(stack, 'pf-storage', way),
    vcpus: 1,
    memory: Size.mebibytes(32),
    rootDisk: { size: Size.mebibytes(8) },
    shutdownTimeout: Duration.seconds(3),
  });
}

describeByProvider('Faults of the provider are absorbed', () => {
  const deployment = new Deployment('pf');
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('pf-pool');
    await deployment.deploy(build);
  });

  afterAll(async () => {
    deployment.remove();
    await admin.clear('pf-');
  });

  test('a connection lost during a plan is an error that names the host, and nothing is lost', async () => {
    const before = await deployment.must('state', 'pull');
    // Otherwise libvirtd may start it, and starting it again fails.
    await admin.virsh('pool-autostart', 'pf-storage', '--disable');
    const lost = await withoutLibvirtd(lab(), async () => {
      const plan = await deployment.terraform('plan');
      const apply = await deployment.terraform('apply', '-auto-approve');
      return [plan, apply];
    });
    for (const { exitCode, output } of lost) {
      expect(exitCode).toBe(1);
      expect(output).toContain(lab().hosts[0]?.socketFolder);
    }
    expect(await deployment.must('state', 'pull')).toBe(before);
    // An rbd storage pool is inactive after every start of libvirtd; no VM needs it.
    await admin.virsh('pool-start', 'pf-storage');
    await admin.virsh('pool-autostart', 'pf-storage');
    await deployment.expectWhole();
  });

  test('a VM that the provider has dropped from its state is not touched, and -replace of its object brings it back', async () => {
    const id = await admin.virsh('domid', 'pf-deaf');
    // What the provider does by itself if a lookup fails during a refresh.
    await deployment.must('state', 'rm', 'libvirt_domain.kvm1-pf-deaf');
    expect(await deployment.failToDeploy(build)).toContain('already exists');
    expect(await admin.virsh('domid', 'pf-deaf')).toBe(id);
    await deployment.deploy(build, '-replace=terraform_data.pf-deaf_spec');
  });
});
