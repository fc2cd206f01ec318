import type { TerraformStack } from 'cdktf';
import {
  CephPool,
  CephRbdStoragePool,
  Duration,
  ImageSource,
  LibvirtDriver,
  RbdBackedVm,
  RbdImage,
  Size,
} from '../../../constructs';
import { CommandLine } from '../../helpers/cli';
import { Deployment, type Ended } from '../../helpers/deploy';
import { describeByDriver } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();

describe('Two applies at once', () => {
  const [one, other, base] = [new Deployment('two-one'), new Deployment('two-other'), new Deployment('two-base')];
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('two-pool');
    await base.deploy((stack) => {
      const { ceph } = world(stack, lab());
      const pool = new CephPool(stack, 'two-pool', { cluster: ceph });
      new RbdImage(stack, 'two-golden', { pool, size: Size.mebibytes(8) });
    });
  });
  afterAll(async () => {
    for (const deployment of [one, other, base]) deployment.remove();
    await admin.clear('two-');
  });

  /** Clones of one golden image, and one image that both stacks want. */
  function stackOf(name: string, clones = 3): (stack: TerraformStack) => void {
    return (stack) => {
      const { ceph } = world(stack, lab());
      const pool = CephPool.fromPoolName(stack, 'pool', { cluster: ceph, poolName: 'two-pool' });
      const golden = RbdImage.fromImageName(stack, 'golden', { pool, imageName: 'two-golden' });
      for (let i = 1; i <= clones; i++) {
        new RbdImage(stack, `two-${name}-${i}`, { pool, source: ImageSource.clone(golden) });
      }
      new RbdImage(stack, 'two-both', { pool, size: Size.mebibytes(8) });
    };
  }

  test('of different stacks: each creates its own objects, what both want goes to one, and the other is told whose it is', async () => {
    for (const [deployment, name] of [
      [one, 'one'],
      [other, 'other'],
    ] as const) {
      deployment.synth(stackOf(name));
      await deployment.init();
    }
    const ended = await Promise.all([one, other].map((each) => each.terraform('apply', '-auto-approve')));
    expect(ended.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1]);
    const [lost, winner] = ended[0]?.exitCode === 1 ? [ended[0], 'two-other'] : [ended[1] as Ended, 'two-one'];
    expect(lost.output.replace(/\n[│ ]*/g, ' ')).toMatch(
      new RegExp(`image 'two-pool/two-both' belongs to project 'e2e', stack '${winner}'`),
    );
    expect(lost.output.match(/Error: local-exec provisioner error/g)).toHaveLength(1);
    const names = ['both', 'golden', ...['one', 'other'].flatMap((name) => [1, 2, 3].map((i) => `${name}-${i}`))];
    expect((await admin.rbd('ls', 'two-pool')).split('\n')).toEqual(names.map((name) => `two-${name}`).sort());
    expect(JSON.parse(await admin.rbd('snap', 'ls', '--format', 'json', 'two-pool/two-golden'))).toHaveLength(1);
  });

  test('of one stack: Terraform lets one in, and the other changes nothing', async () => {
    const deployment = one;
    deployment.synth(stackOf('one', 6));
    await deployment.init();
    const ended = await Promise.all([1, 2].map(() => deployment.terraform('apply', '-auto-approve')));
    const refused = ended.filter(({ output }) => output.includes('Error acquiring the state lock'));
    const done = /Refreshing|Creating|Modifying|Destroying/;
    expect(refused).toEqual([{ exitCode: 1, output: expect.not.stringMatching(done) }]);
    expect((await admin.rbd('ls', 'two-pool')).split('\n').filter((name) => /^two-one-\d$/.test(name))).toHaveLength(6);
  });
});

describeByDriver('Two stacks want a VM and a storage pool of the same names at once', (driver) => {
  const deployments = ['three', 'four'].map((name) => new Deployment(`at-${name}`));
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await Promise.all(deployments.map((_, index) => admin.wipe(poolOf(index))));
  });
  afterAll(async () => {
    for (const deployment of deployments) deployment.remove();
    await admin.clear('at-');
  });

  test('one gets them, the other is refused, and its destroy leaves them alone', async () => {
    for (const [index, deployment] of deployments.entries()) {
      deployment.synth(hostStack(driver, index));
      await deployment.init();
    }
    const ended = await Promise.all(deployments.map((each) => each.terraform('apply', '-auto-approve')));
    // The one that gets the storage pool first need not get the VM first.
    const refused = ended.filter(({ exitCode }) => exitCode !== 0);
    expect(refused.length).toBeGreaterThan(0);
    for (const { output } of refused)
      expect(output).toMatch(/belongs\s+to\s+project|was\s+not\s+made|already\s+exists/);
    const owner = /"stack":"at-(.*?)"/.exec(await admin.virsh('dumpxml', 'at-vm'))?.[1];
    const uuid = await admin.virsh('domuuid', 'at-vm');
    const vms = owner === 'three' ? 0 : 1;
    const pools = (await admin.virsh('pool-dumpxml', 'at-storage')).includes(poolOf(0)) ? 0 : 1;
    await deployments[1 - vms]?.destroy();
    expect(await admin.virsh('domuuid', 'at-vm')).toBe(uuid);
    expect((await admin.virsh('pool-list', '--all', '--name')).includes('at-storage')).toBe(pools === vms);
    // What it was refused is free now.
    await deployments[vms]?.must('apply', '-auto-approve');
    await deployments[vms]?.expectWhole();
  });
});

describeByDriver('Two applies of one stack at once, past the lock of Terraform', (driver) => {
  const deployment = new Deployment('at-loose');
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(poolOf(7));
    await deployment.synth(hostStack(driver, 7)).init();
  });
  afterAll(async () => {
    deployment.remove();
    await admin.clear('at-');
  });

  test('nothing is duplicated or lost, and another apply makes it whole', async () => {
    const past = ['apply', '-auto-approve', '-lock=false'] as const;
    await Promise.all([1, 2].map(() => deployment.terraform(...past)));
    const [image, runs] = [await admin.imageId('at-pool-7/at-root'), await admin.virsh('domid', 'at-vm')];
    const { exitCode, output } = await deployment.terraform('apply', '-auto-approve');
    expect(await admin.virsh('domid', 'at-vm')).toBe(runs);
    if (exitCode !== 0) await takeBack(output);
    expect(await admin.imageId('at-pool-7/at-root')).toBe(image);
    expect(await admin.inventory('at-')).toEqual([
      'client client.at-client-7',
      'domain at-vm',
      'image at-pool-7/at-root',
      'pool at-pool-7',
      'secret client.at-client-7 secret',
      'storage-pool at-storage',
    ]);
    // An object in the state may have the mark of the other apply.
    await new CommandLine(deployment).run('repair', '--yes');
    await deployment.expectWhole();
  });

  /** With PROVIDER the state may be from one apply, and the VM or storage pool from the other (docs/drivers.md). */
  async function takeBack(output: string): Promise<void> {
    if (driver !== LibvirtDriver.PROVIDER || !/already\s+exists/.test(output)) throw new Error(output);
    await admin.virsh('destroy', 'at-vm');
    const replaced = ['at-vm', 'at-storage'].map((id) => `-replace=terraform_data.${id}_spec`);
    await deployment.must('apply', '-auto-approve', ...replaced);
  }
});

const poolOf = (index: number): string => `at-pool-${index}`;

/** A VM and a storage pool with the same names in each, on separate Ceph pools. */
function hostStack(by: LibvirtDriver, index: number): (stack: TerraformStack) => void {
  return (stack) => {
    const { ceph, host } = world(stack, lab(), by);
    const names = { poolName: poolOf(index), clientId: `at-client-${index}` };
    const storage = new CephRbdStoragePool(stack, 'at-storage', { host, cluster: ceph, ...names });
    const root = new RbdImage(stack, 'at-root', { pool: storage.pool, size: Size.mebibytes(8) });
    new RbdBackedVm(stack, 'at-vm', {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(64),
      rootDisk: { image: root },
      // Nothing runs in it that would notice the power button.
      shutdownTimeout: Duration.seconds(1),
    });
  };
}
