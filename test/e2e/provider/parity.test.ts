import { rmSync } from 'node:fs';
import { execa } from 'execa';
import { terraformBinary } from '../../../lib/cli/terraform-stack';
import { DomainType, LibvirtDriver } from '../../../constructs';
import { entriesOf } from '../../../lib/model';
import { describeByProvider } from '../../helpers/drivers';
import { synthExample } from '../../helpers/example';
import { useLab } from '../../helpers/lab';
import { Admin } from '../../helpers/world';
import { comparable } from '../parity-ignored';

const lab = useLab();
/** What the VMs of the other examples have, steps/domain-parity.test.ts compares. */
const EXAMPLE = 'escape-hatches';

describeByProvider(`The example ${EXAMPLE}, first deployed with either driver`, () => {
  let admin: Admin;
  beforeAll(() => {
    admin = new Admin(lab());
  });

  /** The definitions of what the example makes, by name, as libvirt has them; removes all of it at the end. */
  async function definitionsOf(driver: LibvirtDriver): Promise<{ [name: string]: string }> {
    const { folder, stackFolder, json } = synthExample(EXAMPLE, {
      CEPH_MONITORS: lab().monitors.join(','),
      CEPH_CONF: lab().cephConf,
      LIBVIRT_URI: lab().hosts[0]?.uri ?? '',
      LIBVIRT_DRIVER: driver,
      LIBVIRT_DOMAIN_TYPE: DomainType.QEMU,
      LIBVIRT_NETWORK: lab().network,
      GUEST_IMAGE: lab().bootSectorImage,
    });
    const options = { cwd: stackFolder, env: { CHECKPOINT_DISABLE: '1' }, all: true } as const;
    const destroy = () =>
      execa(terraformBinary(), ['destroy', '-auto-approve', '-no-color'], { ...options, reject: false });
    const names = (registry: string): string[] => Object.keys(json.locals[entriesOf(registry)] as object);
    try {
      await execa(terraformBinary(), ['init', '-no-color'], options);
      await execa(terraformBinary(), ['apply', '-auto-approve', '-no-color'], options);
      const { exitCode } = await execa(terraformBinary(), ['plan', '-detailed-exitcode'], {
        ...options,
        reject: false,
      });
      expect(exitCode).toBe(0);
      const vms = names('kvm1_domains').map(async (name) => [name, await admin.virsh('dumpxml', '--inactive', name)]);
      const pools = names('kvm1_storage_pools').map(async (name) => [name, await admin.virsh('pool-dumpxml', name)]);
      const found = (await Promise.all([...vms, ...pools])) as [string, string][];
      // Not every example has a guest that reacts to a shutdown request.
      for (const name of names('kvm1_domains')) await admin.virsh('destroy', name);
      const { exitCode: destroyed, all } = await destroy();
      expect({ destroyed, all }).toEqual({ destroyed: 0, all });
      const left = [await admin.virsh('list', '--all', '--name'), await admin.virsh('pool-list', '--all', '--name')];
      expect(left.flatMap((list) => list.split('\n')).filter((one) => found.some(([name]) => name === one))).toEqual(
        [],
      );
      return Object.fromEntries(found);
    } finally {
      await destroy();
      await admin.wipe(...names('ceph_pools'));
      rmSync(folder, { recursive: true });
    }
  }

  function comparables(definitions: { readonly [name: string]: string }): object {
    return Object.fromEntries(Object.entries(definitions).map(([name, xml]) => [name, comparable(xml)]));
  }

  /** The purpose of the example, which both could lack alike. */
  function expectHatches(...definitions: { readonly [name: string]: string }[]): void {
    for (const { hatches1 } of definitions) {
      expect(hatches1).toMatch(/<watchdog model='i6300esb' action='reset'\/?>/);
      expect(hatches1).toMatch(/<features>[^]*<kvm>\s*<hidden state='on'\/>\s*<\/kvm>[^]*<\/features>/);
    }
    const option = /<rbd:option name='client_mount_timeout' value='30'\/>/;
    const [provided, virsh] = definitions.map(({ hatches }) => hatches);
    expect(provided).toMatch(option);
    // With virsh a storage pool has no escape hatch.
    expect(virsh).not.toMatch(option);
  }

  test('gives the same definitions', async () => {
    const provided = await definitionsOf(LibvirtDriver.PROVIDER);
    expect(Object.keys(provided).length).toBeGreaterThan(1);
    const virsh = await definitionsOf(LibvirtDriver.VIRSH);
    expect(comparables(provided)).toEqual(comparables(virsh));
    expectHatches(provided, virsh);
  }, 600_000);
});
