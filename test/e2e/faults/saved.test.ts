import type { TerraformStack } from 'cdktf';
import { CephRbdStoragePool, Duration, LibvirtDriver, RbdBackedVm, RestartPolicy, Size } from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();

describeByDriver('A VM whose memory libvirt has saved', (driver, prefix) => {
  const name = (word: string): string => `${prefix}sav-${word}`;
  const deployment = new Deployment(name('stack'));
  let admin: Admin;

  function stack(memory: number): (stack: TerraformStack) => void {
    return (scope) => {
      const { ceph, host } = world(scope, lab(), driver);
      const access = { poolName: name('pool'), clientId: name('client') };
      const storage = new CephRbdStoragePool(scope, name('storage'), { host, cluster: ceph, ...access });
      new RbdBackedVm(scope, name('vm'), {
        storage,
        vcpus: 1,
        memory: Size.mebibytes(memory),
        rootDisk: { size: Size.mebibytes(8) },
        shutdownTimeout: Duration.seconds(2),
        restartPolicy: RestartPolicy.NOW,
      });
    };
  }

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(name('pool'));
    await deployment.deploy(stack(32));
  });
  afterAll(async () => {
    deployment.remove();
    await admin.clear(name(''));
  });
  beforeEach(() => admin.virsh('managedsave', name('vm')));

  test('is changed on the same disk, and a message says what happens to its saved memory', async () => {
    const image = await admin.imageId(`${name('pool')}/${name('vm')}-root`);
    const output = await deployment.deploy(stack(48));
    expect(output.replace(/\n[│ ]*/g, ' ')).toContain(
      driver === LibvirtDriver.VIRSH
        ? `VM '${name('vm')}': resuming from its saved memory (managed save)`
        : `VM '${name('vm')}': its saved memory (managed save) is deleted too`,
    );
    expect(await admin.virsh('domstate', name('vm'))).toBe('running');
    expect(await admin.virsh('dominfo', name('vm'))).toMatch(/^Max memory: +49152 KiB\n[^]*^Managed save: +no$/m);
    expect(await admin.imageId(`${name('pool')}/${name('vm')}-root`)).toBe(image);
  });

  test('is destroyed, and its image stays in the trash', async () => {
    expect(await deployment.destroy()).toContain('its saved memory (managed save) is deleted too');
    expect(await admin.inventory(name(''))).toEqual([
      `pool ${name('pool')}`,
      `trash ${name('pool')}/${name('vm')}-root`,
    ]);
  });
});
