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

/** Before: one NIC, one data disk. After: more memory, another data disk before that one, another NIC. */
function stackOf(driver: LibvirtDriver, changed: boolean): (stack: TerraformStack) => void {
  return (stack) => {
    const { ceph: cluster, host } = world(stack, lab(), driver);
    const client = { poolName: POOL, clientId: 'chg-client' };
    const storage = new CephRbdStoragePool(stack, 'chg-storage', { host, cluster, ...client });
    const nic = { source: NetworkSource.network(lab().network) };
    const disk = (target: string) => ({ target, size: Size.mebibytes(8), serial: `chg-${target}` });
    new RbdBackedVm(stack, 'chg-vm', {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(changed ? 48 : 32),
      rootDisk: { size: Size.mebibytes(8) },
      dataDisks: changed ? [disk('vdb'), disk('vdc')] : [disk('vdc')],
      networkInterfaces: changed ? [nic, nic] : [nic],
      shutdownTimeout: Duration.seconds(1),
      restartPolicy: RestartPolicy.NOW,
    });
  };
}

/** What a guest knows its devices by. */
interface Devices {
  readonly disks: readonly string[];
  /** "52:54:00:..." */
  readonly macs: readonly string[];
  /** Of each NIC, by which guests name it. */
  readonly pci: readonly string[];
}

describeByProvider('a change leaves a guest its devices as it knows them, by either driver', () => {
  let admin: Admin;
  const seen: { [driver: string]: { before: Devices; after: Devices } } = {};

  beforeAll(async () => {
    admin = new Admin(lab());
    for (const driver of [LibvirtDriver.VIRSH, LibvirtDriver.PROVIDER]) {
      const deployment = new Deployment('chg');
      try {
        await deployment.deploy(stackOf(driver, false));
        const before = await devices();
        await deployment.deploy(stackOf(driver, true));
        seen[driver] = { before, after: await devices() };
      } finally {
        await deployment.terraform('destroy', '-auto-approve');
        deployment.remove();
        await admin.wipe(POOL);
      }
    }
  }, 600_000);

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

  test.each([LibvirtDriver.VIRSH, LibvirtDriver.PROVIDER])(
    'by %s the first NIC keeps its MAC and PCI address',
    (driver) => {
      const { before, after } = seen[driver] as { before: Devices; after: Devices };
      expect(before.pci[0]).toMatch(/^domain='0x0000' bus='0x0\d'/);
      expect(after.pci).toHaveLength(2);
      expect(after.pci[0]).toBe(before.pci[0]);
      expect(after.macs[0]).toBe(before.macs[0]);
      expect(after.disks).toEqual(expect.arrayContaining([...before.disks]));
    },
  );

  test('both drivers come to the same MAC addresses, targets and serials, and addresses of the NICs that were there', () => {
    const { virsh, provider } = seen;
    expect(provider?.before).toEqual(virsh?.before);
    expect(provider?.after.macs).toEqual(virsh?.after.macs);
    expect(provider?.after.disks).toEqual(virsh?.after.disks);
    expect(provider?.after.pci[0]).toBe(virsh?.after.pci[0]);
  });
});
