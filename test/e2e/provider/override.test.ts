import type { TerraformStack } from 'cdktf';
import { CephRbdStoragePool, Duration, LibvirtDriver, RbdBackedVm, Size } from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByProvider } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();

/** An override without a prop of ours. In place, the provider (0.9.7) would change it behind our scripts. */
function stack(title?: string): (stack: TerraformStack) => void {
  return (scope) => {
    const { ceph, host } = world(scope, lab(), LibvirtDriver.PROVIDER);
    const access = { poolName: 'inp-pool', clientId: 'inp-client' };
    const storage = new CephRbdStoragePool(scope, 'inp-storage', { host, cluster: ceph, ...access });
    const vm = new RbdBackedVm(scope, 'inp-vm', {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(32),
      rootDisk: { size: Size.mebibytes(8) },
      autostart: true,
      shutdownTimeout: Duration.seconds(2),
    });
    if (title !== undefined) vm.domainResource?.addOverride('title', title);
  };
}

describeByProvider('A VM whose override changes', () => {
  const deployment = new Deployment('inp');
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('inp-pool');
    await deployment.deploy(stack());
  });
  afterAll(async () => {
    deployment.remove();
    await admin.clear('inp-');
  });

  test('is replaced as for a change of a prop: it runs again and starts with its host, on the same disk, and the next plan is empty', async () => {
    const image = await admin.imageId('inp-pool/inp-vm-root');
    deployment.synth(stack('the web server'));
    expect((await deployment.plannedChanges()).sort()).toEqual([
      'libvirt_domain.kvm1-inp-vm: delete create',
      'terraform_data.inp-vm_spec: delete create',
      'terraform_data.inp-vm_spec_confirmed: delete create',
      'terraform_data.inp-vm_started: delete create',
      'terraform_data.kvm1_domain_stops["inp-vm"]: delete create',
    ]);
    await deployment.deploy(stack('the web server'));
    expect(await admin.virsh('desc', 'inp-vm', '--title')).toBe('the web server');
    expect(await admin.virsh('list', '--name', '--autostart')).toContain('inp-vm');
    expect(await admin.imageId('inp-pool/inp-vm-root')).toBe(image);
  });
});
