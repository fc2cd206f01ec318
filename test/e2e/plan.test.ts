import type { TerraformStack } from 'cdktf';
import { CephRbdStoragePool, Duration, LibvirtDriver, RbdBackedVm, RestartPolicy, Size } from '../../constructs';
import { Deployment } from '../helpers/deploy';
import { describeByDriver } from '../helpers/drivers';
import { useLab } from '../helpers/lab';
import { Admin, world } from '../helpers/world';

const lab = useLab();

describeByDriver('A plan for "memory 2 GiB -> 4 GiB" is readable', (driver, prefix) => {
  const byProvider = driver === LibvirtDriver.PROVIDER;
  const name = `${prefix}plan`;
  const pool = `${name}-pool`;
  /** More memory at its next boot, more memory at once, and an unchanged VM. */
  const [waits, restarts, stays] = [`${name}-waits`, `${name}-restarts`, `${name}-stays`] as const;
  // With the provider every change is at once.
  const changed = byProvider ? [restarts] : [waits, restarts];
  const VMS = [...changed, stays];
  const IMAGES = VMS.flatMap((vm) => [`${vm}-root`, `${vm}-vdb`]);
  const deployment = new Deployment(name);
  let admin: Admin;
  let plan: string;

  /** VMs without a system, which use next to none of their memory. */
  const stackWith =
    (memory: Size) =>
    (stack: TerraformStack): void => {
      const { ceph: cluster, host } = world(stack, lab(), driver);
      const way = { host, cluster, poolName: pool, clientId: `${name}-client` };
      const storage = new CephRbdStoragePool(stack, `${name}-storage`, way);
      for (const vm of VMS) {
        new RbdBackedVm(stack, vm, {
          storage,
          vcpus: 1,
          memory: vm === stays ? Size.gibibytes(2) : memory,
          rootDisk: { size: Size.mebibytes(8) },
          dataDisks: [{ target: 'vdb', size: Size.mebibytes(8) }],
          shutdownTimeout: Duration.seconds(1),
          restartPolicy: vm === restarts ? RestartPolicy.NOW : undefined,
        });
      }
    };

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(pool);
    await deployment.deploy(stackWith(Size.gibibytes(2)));
    plan = await deployment.synth(stackWith(Size.gibibytes(4))).plan();
  });

  afterAll(async () => {
    deployment.remove();
    await admin.clear(name);
  });

  /** What the plan does, in the words of its comments: '<address> must be replaced'. */
  function headings(): string[] {
    return [...plan.matchAll(/^ {2}# (.*)$/gm)].map(([, heading = '']) => heading);
  }

  /** What the plan shows about an address. */
  function shown(address: string): string {
    return plan.split(/^ {2}# /m).find((block) => block.startsWith(`${address} `)) ?? '';
  }

  function changesOf(vm: string): string[] {
    return [
      ...(byProvider
        ? [
            `libvirt_domain.kvm1-${vm} will be replaced due to changes in replace_triggered_by`,
            `terraform_data.kvm1_domain_stops["${vm}"] must be replaced`,
            `terraform_data.${vm}_started will be replaced due to changes in replace_triggered_by`,
          ]
        : []),
      `terraform_data.${vm}_spec must be replaced`,
      `terraform_data.${vm}_spec_confirmed must be replaced`,
    ];
  }

  test('and lists only the VMs that change: no image, no disk and no other VM', () => {
    expect(headings().sort()).toEqual(changed.flatMap(changesOf).sort());
    const n = headings().length;
    expect(plan).toContain(`Plan: ${n} to add, 0 to change, ${n} to destroy.`);
    for (const part of [
      stays,
      'ceph_images',
      'kvm1_disk_attachments',
      ...IMAGES.map((image) => `terraform_data.${image}_spec`),
    ]) {
      expect(headings().join('\n')).not.toContain(part);
    }
  });

  test('and shows the amount before and after', () => {
    for (const vm of changed) {
      expect(shown(`terraform_data.${vm}_spec`)).toMatch(/^ +~ memory += "2 GiB" -> "4 GiB"$/m);
    }
  });

  test('and shows whether a running VM restarts', () => {
    const policy = (vm: string): string | undefined =>
      /^ +tags += \{\n +restartPolicy = "(.*)"\n/m.exec(shown(`terraform_data.${vm}_spec`))?.[1];
    // With the provider there is no choice: a VM whose 'libvirt_domain' is replaced restarts.
    expect(changed.map(policy)).toEqual(byProvider ? [undefined] : ['next-boot', 'now']);
    for (const vm of changed) {
      expect(shown(`libvirt_domain.kvm1-${vm}`)).toMatch(byProvider ? /^-\/\+ resource "libvirt_domain"/m : /^$/);
    }
  });

  test('and the apply does that: every image is the same as before, and so is a VM that was not to restart', async () => {
    const images = () => Promise.all(IMAGES.map((image) => admin.imageId(`${pool}/${image}`)));
    const ids = () => Promise.all(VMS.map((vm) => admin.virsh('domid', vm)));
    const [imagesBefore, idsBefore] = [await images(), await ids()];
    const output = await deployment.deployPlanned();
    expect(await images()).toEqual(imagesBefore);
    const sameAsBefore = (await ids()).map((id, index) => id === idsBefore[index]);
    expect(sameAsBefore).toEqual(VMS.map((vm) => vm !== restarts));
    const memory = async (vm: string, ...flags: string[]): Promise<number> =>
      Number(/<memory unit='KiB'>(\d+)</.exec(await admin.virsh('dumpxml', vm, ...flags))?.[1]) / 2 ** 20;
    expect(await Promise.all(VMS.map((vm) => memory(vm)))).toEqual(VMS.map((vm) => (vm === restarts ? 4 : 2)));
    expect(await Promise.all(VMS.map((vm) => memory(vm, '--inactive')))).toEqual(
      VMS.map((vm) => (vm === stays ? 2 : 4)),
    );
    expect(output.includes(`VM '${waits}' runs with an older definition`)).toBe(!byProvider);
  });
});
