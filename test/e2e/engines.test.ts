import type { TerraformStack } from 'cdktf';
import { CephRbdStoragePool, Duration, LibvirtDriver, RbdBackedVm, Size } from '../../constructs';
import { Deployment } from '../helpers/deploy';
import { describeByEngine } from '../helpers/engines';
import { useLab } from '../helpers/lab';
import { Admin, world } from '../helpers/world';

const lab = useLab();

interface Parts {
  readonly memory?: number;
  readonly rootDisk?: number;
  readonly vm?: boolean;
}

/** The VM has nothing to boot: the test looks at Terraform, not at the guest. */
function stackOf({ memory = 64, rootDisk = 16, vm = true }: Parts): (stack: TerraformStack) => void {
  return (stack) => {
    const { ceph, host } = world(stack, lab(), LibvirtDriver.VIRSH);
    const storage = new CephRbdStoragePool(stack, 'eng', { host, cluster: ceph, poolName: 'eng', clientId: 'eng' });
    if (!vm) return;
    new RbdBackedVm(stack, 'eng-vm', {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(memory),
      rootDisk: { size: Size.mebibytes(rootDisk) },
      shutdownTimeout: Duration.seconds(1),
    });
  };
}

describeByEngine('A stack lives', ({ name, version }) => {
  const deployment = new Deployment('eng');
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('eng');
  });

  afterAll(async () => {
    deployment.remove();
    await admin.clear('eng');
  });

  it('and that engine is the one that runs', async () => {
    deployment.synth(stackOf({}));
    expect(await deployment.must('version')).toContain(`${name === 'opentofu' ? 'OpenTofu' : 'Terraform'} v${version}`);
  });

  it('from nothing to a VM that runs, with an empty plan after it', async () => {
    await deployment.deploy(stackOf({}));
    expect(await admin.virsh('domstate', 'eng-vm')).toBe('running');
  });

  it('with a change that its plan shows and its apply makes', async () => {
    deployment.synth(stackOf({ memory: 96, rootDisk: 24 }));
    expect(await deployment.plannedChanges()).toEqual([
      'terraform_data.eng-vm-root_spec: delete create',
      'terraform_data.eng-vm-root_spec_confirmed: delete create',
      'terraform_data.eng-vm_spec: delete create',
      'terraform_data.eng-vm_spec_confirmed: delete create',
    ]);
    await deployment.deploy(stackOf({ memory: 96, rootDisk: 24 }));
    expect(await admin.virsh('dumpxml', '--inactive', 'eng-vm')).toMatch(/<memory unit='KiB'>98304</);
  });

  it('and removes what leaves the code, and the rest at a destroy', async () => {
    await deployment.deploy(stackOf({ vm: false }));
    expect(await admin.virsh('list', '--all', '--name')).not.toContain('eng-vm');
    expect(await admin.rbd('trash', 'ls', 'eng')).toContain('eng-vm-root');
    await deployment.destroy();
    expect(await admin.virsh('secret-list')).not.toContain('client.eng secret');
  });
});
