import type { TerraformStack } from 'cdktf';
import { CephRbdStoragePool, ImageSource, LibvirtDriver, RbdBackedVm, Size } from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByProvider } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();
const CONSOLE = 'switch-vm-console.log';
const { PROVIDER, VIRSH } = LibvirtDriver;

function stackWith(driver: LibvirtDriver, description?: string, vm = true): (stack: TerraformStack) => void {
  return (stack) => {
    const { ceph, host } = world(stack, lab(), driver);
    const names = { poolName: 'switch-pool', clientId: 'switch-client' };
    const storage = new CephRbdStoragePool(stack, 'switch-storage', { host, cluster: ceph, ...names });
    if (!vm) return;
    new RbdBackedVm(stack, 'switch-vm', {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(64),
      rootDisk: { source: ImageSource.file(lab().bootSectorImage) },
      dataDisks: [{ target: 'vdb', size: Size.mebibytes(16) }],
      serialLogFile: `/var/log/libvirt/qemu/${CONSOLE}`,
      description,
    });
  };
}

describeByProvider('The driver of a live host is switched', () => {
  const deployment = new Deployment('switch');
  let admin: Admin;
  let images: string[] = [];

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('switch-pool');
    const start = admin.console(CONSOLE).length;
    await deployment.deploy(stackWith(VIRSH));
    await admin.seen(CONSOLE, /^DISK vda BOOTS 1$/, start);
    images = await imageIds();
  });

  afterAll(async () => {
    deployment.remove();
    await admin.clear('switch-');
  });

  const imageIds = (): Promise<string[]> =>
    Promise.all(['root', 'vdb'].map((disk) => admin.imageId(`switch-pool/switch-vm-${disk}`)));

  async function expectUntouched(): Promise<void> {
    expect(await imageIds()).toEqual(images);
    expect(await admin.virsh('list', '--name')).toContain('switch-vm');
    expect(await admin.virsh('pool-info', 'switch-storage')).toMatch(/^State: +running$/m);
  }

  test('VIRSH to PROVIDER: one apply shuts the VM down and lets the provider create it, and its disks stay', async () => {
    deployment.synth(stackWith(PROVIDER));
    expect((await deployment.plannedChanges()).filter((line) => / (delete|create)/.test(line))).toEqual([
      'libvirt_domain.kvm1-switch-vm: create',
      'libvirt_pool.kvm1-switch-storage: create',
      'terraform_data.kvm1_domain_stops["switch-vm"]: create',
      'terraform_data.switch-storage_spec: delete create',
      'terraform_data.switch-storage_spec_confirmed: delete create',
      'terraform_data.switch-vm_spec: delete create',
      'terraform_data.switch-vm_spec_confirmed: delete create',
      'terraform_data.switch-vm_started: create',
    ]);
    const from = admin.console(CONSOLE).length;
    const output = await deployment.deployPlanned();
    await deployment.expectWhole();
    expect(output).toContain("VM 'switch-vm': shutting down");
    expect(output).not.toContain('switching it off');
    await admin.seen(CONSOLE, /^DISK vda BOOTS 2$/, from);
    await expectUntouched();
  });

  test('PROVIDER to VIRSH: fails and touches nothing while the state has what the provider created', async () => {
    const id = await admin.virsh('domid', 'switch-vm');
    const state = await deployment.must('state', 'pull');
    expect(await deployment.failToDeploy(stackWith(VIRSH))).toContain('Provider configuration not present');
    expect(await deployment.must('state', 'pull')).toBe(state);
    expect(await admin.virsh('domid', 'switch-vm')).toBe(id);
  });

  test('PROVIDER to VIRSH: once the state has forgotten that, one apply takes it over, and the VM runs on', async () => {
    const id = await admin.virsh('domid', 'switch-vm');
    const made = (await deployment.must('state', 'list')).match(/^libvirt_(domain|pool)\.kvm1-.*$/gm) ?? [];
    expect(made).toEqual(['libvirt_domain.kvm1-switch-vm', 'libvirt_pool.kvm1-switch-storage']);
    await deployment.must('state', 'rm', ...made);
    await deployment.deploy(stackWith(VIRSH));
    expect(await admin.virsh('domid', 'switch-vm')).toBe(id);
    await expectUntouched();
  });

  test('the VM then belongs to VIRSH: it is changed while it runs, and is removed with its images', async () => {
    const id = await admin.virsh('domid', 'switch-vm');
    await deployment.deploy(stackWith(VIRSH, 'changed'));
    expect(await admin.virsh('desc', 'switch-vm')).toBe('changed');
    expect(await admin.virsh('domid', 'switch-vm')).toBe(id);
    await expectUntouched();
    await deployment.deploy(stackWith(VIRSH, undefined, false));
    expect((await admin.inventory('switch-')).filter((line) => /^(domain|image|trash)/.test(line))).toEqual([
      'trash switch-pool/switch-vm-root',
      'trash switch-pool/switch-vm-vdb',
    ]);
  });
});
