import { rmSync } from 'node:fs';
import { execa } from 'execa';
import { DomainType, LibvirtDriver } from '../../../constructs';
import { describeByProvider } from '../../helpers/drivers';
import { EXAMPLES, synthExample } from '../../helpers/example';
import { useLab } from '../../helpers/lab';
import { Admin } from '../../helpers/world';
import { comparable } from '../parity-ignored';

const lab = useLab();

describeByProvider('first deployed by either driver, an example gives the same definitions', () => {
  let admin: Admin;
  beforeAll(() => {
    admin = new Admin(lab());
  });

  /** The definitions of what the example makes, by name. */
  async function definitionsOf(example: string, driver: LibvirtDriver): Promise<{ [name: string]: string }> {
    const { folder, stackFolder, json } = synthExample(example, {
      CEPH_MONITORS: lab().monitors.join(','),
      CEPH_CONF: lab().cephConf,
      LIBVIRT_URI: lab().hosts[0]?.uri ?? '',
      LIBVIRT_DRIVER: driver,
      LIBVIRT_DOMAIN_TYPE: DomainType.QEMU,
      GUEST_IMAGE: lab().guestImage,
    });
    const options = { cwd: stackFolder, env: { CHECKPOINT_DISABLE: '1' }, all: true } as const;
    const names = (registry: string): string[] =>
      Object.keys(json.resource.terraform_data[registry].for_each as object);
    try {
      await execa('terraform', ['init', '-no-color'], options);
      await execa('terraform', ['apply', '-auto-approve', '-no-color'], options);
      const { exitCode } = await execa('terraform', ['plan', '-detailed-exitcode'], { ...options, reject: false });
      expect(exitCode).toBe(0);
      const vms = names('kvm1_domains').map(async (name) => [name, await admin.virsh('dumpxml', '--inactive', name)]);
      const pools = names('kvm1_storage_pools').map(async (name) => [name, await admin.virsh('pool-dumpxml', name)]);
      const found = (await Promise.all([...vms, ...pools])) as [string, string][];
      return Object.fromEntries(found.map(([name, xml]) => [name, comparable(xml)]));
    } finally {
      // Not every example has a guest that hears a shutdown.
      for (const name of names('kvm1_domains')) await admin.virsh('destroy', name).catch(() => '');
      await execa('terraform', ['destroy', '-auto-approve', '-no-color'], { ...options, reject: false });
      await admin.wipe(...names('ceph_pools'));
      rmSync(folder, { recursive: true });
    }
  }

  test.each(EXAMPLES)(
    '%s',
    async (example) => {
      const provided = await definitionsOf(example, LibvirtDriver.PROVIDER);
      expect(Object.keys(provided).length).toBeGreaterThan(1);
      expect(provided).toEqual(await definitionsOf(example, LibvirtDriver.VIRSH));
    },
    600_000,
  );
});
