import type { TerraformStack } from 'cdktf';
import {
  CephRbdStoragePool,
  Duration,
  LibvirtDriver,
  NetworkSource,
  RbdBackedVm,
  RestartPolicy,
  Size,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByProvider } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();
const POOL = 'chg-pool';
const SECOND = '52:54:00:63:68:02';

type Phase = 'before' | 'after' | 'fewer';

/**
 * Before: one NIC, one data disk. After: more memory, another data disk before that one, another NIC. Fewer: the first
 * NIC is gone. A title is an override, as no prop sets it.
 */
function stackOf(driver: LibvirtDriver, phase: Phase, title?: string): (stack: TerraformStack) => void {
  return (stack) => {
    const { ceph: cluster, host } = world(stack, lab(), driver);
    const client = { poolName: POOL, clientId: 'chg-client' };
    const storage = new CephRbdStoragePool(stack, 'chg-storage', { host, cluster, ...client });
    const changed = phase !== 'before';
    const first = { source: NetworkSource.network(lab().network) };
    // Derived, its MAC address would become that of the first one, which is on the same network.
    const second = { ...first, macAddress: SECOND };
    const disk = (target: string) => ({ target, size: Size.mebibytes(8), serial: `chg-${target}` });
    const vm = new RbdBackedVm(stack, 'chg-vm', {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(changed ? 48 : 32),
      rootDisk: { size: Size.mebibytes(8) },
      dataDisks: changed ? [disk('vdb'), disk('vdc')] : [disk('vdc')],
      networkInterfaces: { before: [first], after: [first, second], fewer: [second] }[phase],
      autostart: true,
      shutdownTimeout: Duration.seconds(1),
      restartPolicy: RestartPolicy.NOW,
    });
    if (title !== undefined) vm.domainResource?.addOverride('title', title);
  };
}

/** What a guest identifies its devices by. */
interface Devices {
  readonly disks: readonly string[];
  /** "52:54:00:..." */
  readonly macs: readonly string[];
  /** The property of each NIC from which guests derive its name. */
  readonly pci: readonly string[];
}

describeByProvider('A change leaves a guest its devices as it knows them, with either driver', () => {
  let admin: Admin;
  const seen: { [driver: string]: { [phase in Phase]: Devices } } = {};
  /** The second driver's, with the VM of the last phase. */
  let deployment: Deployment;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(POOL);
    for (const driver of [LibvirtDriver.VIRSH, LibvirtDriver.PROVIDER]) {
      await clear();
      deployment = new Deployment('chg');
      const deployed = async (phase: Phase): Promise<Devices> => {
        await deployment.deploy(stackOf(driver, phase));
        return devices();
      };
      const [before, after] = [await deployed('before'), await deployed('after')];
      seen[driver] = { before, after, fewer: await deployed('fewer') };
    }
  }, 900_000);

  afterAll(clear);

  async function clear(): Promise<void> {
    deployment?.remove();
    await admin.clear('chg-');
  }

  async function devices(): Promise<Devices> {
    const xml = await admin.virsh('dumpxml', 'chg-vm');
    const all = (pattern: RegExp, text = xml): string[] => [...text.matchAll(pattern)].map(([, found = '']) => found);
    const nics = all(/<interface ([^]*?)<\/interface>/g);
    return {
      disks: all(/<disk ([^]*?)<\/disk>/g)
        .map((disk) => [...all(/<target dev='(\w+)'/g, disk), ...all(/<serial>(.*)<\/serial>/g, disk)].join(' '))
        .sort(),
      macs: nics.map((nic) => all(/<mac address='(.*?)'/g, nic).join()),
      pci: nics.map((nic) => all(/<address type='pci' (.*?)\/>/g, nic).join()),
    };
  }

  function of(driver: LibvirtDriver): { [phase in Phase]: Devices } {
    const found = seen[driver];
    if (found === undefined) throw new Error(`nothing was deployed by ${driver}`);
    return found;
  }

  test.each([LibvirtDriver.VIRSH, LibvirtDriver.PROVIDER])(
    'with %s the first NIC keeps its MAC and PCI address',
    (driver) => {
      const { before, after } = of(driver);
      expect(before.pci[0]).toMatch(/^domain='0x0000' bus='0x0\d'/);
      expect(after.pci).toHaveLength(2);
      expect(after.pci[0]).toBe(before.pci[0]);
      expect(after.macs[0]).toBe(before.macs[0]);
      expect(after.disks).toEqual(expect.arrayContaining([...before.disks]));
    },
  );

  test('both drivers end with the same MAC addresses, targets and serials, and the same addresses for existing NICs', () => {
    const [virsh, provider] = [of(LibvirtDriver.VIRSH), of(LibvirtDriver.PROVIDER)];
    expect(provider.before).toEqual(virsh.before);
    expect(provider.after.macs).toEqual(virsh.after.macs);
    expect(provider.after.disks).toEqual(virsh.after.disks);
    expect(provider.after.pci[0]).toBe(virsh.after.pci[0]);
  });

  test.each([LibvirtDriver.VIRSH, LibvirtDriver.PROVIDER])(
    'with %s the second NIC keeps its MAC address when the first one is removed, and the disks stay the same',
    (driver) => {
      const { after, fewer } = of(driver);
      expect(after.macs[1]).toBe(SECOND);
      expect(fewer.macs).toEqual([SECOND]);
      expect(fewer.disks).toEqual(after.disks);
    },
  );

  test('its PCI address stays with VIRSH; with PROVIDER it moves up to where the first one was, as the docs say', () => {
    const [virsh, provider] = [of(LibvirtDriver.VIRSH), of(LibvirtDriver.PROVIDER)];
    expect(virsh.after.pci[1]).not.toBe(virsh.after.pci[0]);
    expect(virsh.fewer.pci).toEqual([virsh.after.pci[1]]);
    expect(provider.fewer.pci).toEqual([provider.after.pci[0]]);
  });

  test('a changed override replaces the VM as a change of a prop does: it runs again and starts with its host, on the same disk', async () => {
    const image = await admin.imageId(`${POOL}/chg-vm-root`);
    const build = stackOf(LibvirtDriver.PROVIDER, 'fewer', 'the web server');
    // In place, the provider (0.9.7) would change it behind our scripts.
    expect((await deployment.synth(build).plannedChanges()).sort()).toEqual([
      'libvirt_domain.kvm1-chg-vm: delete create',
      'terraform_data.chg-vm_spec: delete create',
      'terraform_data.chg-vm_spec_confirmed: delete create',
      'terraform_data.chg-vm_started: delete create',
      'terraform_data.kvm1_domain_stops["chg-vm"]: delete create',
    ]);
    await deployment.deployPlanned();
    await deployment.expectWhole();
    expect(await admin.virsh('desc', 'chg-vm', '--title')).toBe('the web server');
    expect(await admin.virsh('list', '--name', '--autostart')).toContain('chg-vm');
    expect(await admin.imageId(`${POOL}/chg-vm-root`)).toBe(image);
  });
});
