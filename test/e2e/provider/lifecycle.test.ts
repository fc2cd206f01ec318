import type { TerraformStack } from 'cdktf';
import {
  CephRbdStoragePool,
  Duration,
  ImageSource,
  LibvirtDriver,
  NetworkSource,
  RbdBackedVm,
  RbdImage,
  RemovalPolicy,
  Size,
  type RbdBackedVmProps,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByProvider } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();
const CONSOLE = 'plife-vm-console.log';

type Props = Partial<RbdBackedVmProps>;

function stackWith(props?: Props): (stack: TerraformStack) => void {
  return (stack) => {
    const { ceph, host } = world(stack, lab(), LibvirtDriver.PROVIDER);
    const storage = new CephRbdStoragePool(stack, 'plife-storage', {
      host,
      cluster: ceph,
      poolName: 'plife-pool',
      clientId: 'plife-client',
    });
    const golden = new RbdImage(stack, 'plife-golden', {
      pool: storage.pool,
      source: ImageSource.file(lab().guestImage),
      removalPolicy: RemovalPolicy.DELETE,
    });
    if (props === undefined) return;
    new RbdBackedVm(stack, 'plife-vm', {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(256),
      rootDisk: { source: ImageSource.clone(golden) },
      dataDisks: [{ target: 'vdb', size: Size.mebibytes(16), serial: 'plife-vdb' }],
      networkInterfaces: [{ source: NetworkSource.network(lab().network) }],
      serialLogFile: `/var/log/libvirt/qemu/${CONSOLE}`,
      ...props,
    });
  };
}

describeByProvider('a stack lives', () => {
  const deployment = new Deployment('plife');
  let admin: Admin;
  // Where the console's log of this run starts.
  let start = 0;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('plife-pool');
    start = admin.console(CONSOLE).length;
    await deployment.deploy(stackWith({}));
  }, 300_000);

  afterAll(async () => {
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    await admin.wipe('plife-pool');
  }, 300_000);

  test('the VM boots', async () => {
    expect(await admin.seen(CONSOLE, /^DISK vdb FIRST CANARY/, start)).toBeTruthy();
  }, 300_000);

  test('the plan for more memory names the VM that restarts and keeps the disks; the apply does so', async () => {
    const canary = await admin.seen(CONSOLE, /^DISK vdb FIRST CANARY/, start);
    deployment.synth(stackWith({ memory: Size.mebibytes(384) }));
    expect(await deployment.plannedChanges()).toEqual([
      'libvirt_domain.kvm1-plife-vm: delete create',
      'terraform_data.kvm1_domain_stops["plife-vm"]: delete create',
      'terraform_data.plife-vm: delete create',
      'terraform_data.plife-vm_confirmed: delete create',
    ]);
    const plan = await deployment.must('show', 'plan');
    expect(plan).toMatch(/~ memory +(= )?"256 MiB" -> "384 MiB"/);
    expect(plan).toContain('Plan: 4 to add, 0 to change, 4 to destroy.');
    const from = admin.console(CONSOLE).length;
    await deployment.must('apply', '-auto-approve');
    await deployment.expectWhole();
    await admin.seen(CONSOLE, /^DISK vdb BOOTS 2/, from);
    expect(await admin.seen(CONSOLE, /^DISK vdb FIRST CANARY/, from)).toBe(canary);
  }, 300_000);

  test('another shutdown timeout touches no VM and counts from that apply on', async () => {
    const build = stackWith({ memory: Size.mebibytes(384), shutdownTimeout: Duration.seconds(40) });
    deployment.synth(build);
    expect(await deployment.plannedChanges()).toEqual([
      'terraform_data.kvm1_domain_stops["plife-vm"]: update',
      'terraform_data.kvm1_domains["plife-vm"]: update',
    ]);
    await deployment.deploy(build);
  }, 300_000);

  test('a tainted registry entry replaces the VM, whose mark names the new one', async () => {
    const token = async (): Promise<string> =>
      /"token":"(.*?)"/.exec(await admin.virsh('dumpxml', 'plife-vm'))?.[1] ?? '';
    const before = await token();
    expect(before).toMatch(/^[0-9a-f-]{36}$/);
    await deployment.must('taint', 'terraform_data.kvm1_domains["plife-vm"]');
    await deployment.must('apply', '-auto-approve');
    expect(await token()).toMatch(/^[0-9a-f-]{36}$/);
    expect(await token()).not.toBe(before);
    await deployment.expectWhole();
  }, 300_000);

  test('the last VM leaves the code: shut down, deleted, its images in the trash, in one apply', async () => {
    const output = await deployment.deploy(stackWith(undefined));
    expect(output).toContain("VM 'plife-vm': shutting down, within 40 seconds");
    const order = [
      'kvm1_domain_stops["plife-vm"]: Destruction complete',
      'libvirt_domain.kvm1-plife-vm: Destruction complete',
      'kvm1_domains["plife-vm"]: Destruction complete',
      'ceph_images["plife-pool/plife-vm-root"]: Destroying',
    ];
    const places = order.map((line) => output.indexOf(line));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect((await admin.inventory('plife-')).filter((line) => /^(domain|trash)/.test(line))).toEqual([
      'trash plife-pool/plife-vm-root',
      'trash plife-pool/plife-vm-vdb',
    ]);
  }, 300_000);
});
