import type { TerraformStack } from 'cdktf';
import { CephPool, ImageSource, RbdImage, Size } from '../../../constructs';
import { Deployment, type Ended } from '../../helpers/deploy';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();

describe('two applies at once', () => {
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
  }, 120_000);
  afterAll(async () => {
    for (const deployment of [one, other, base]) {
      await deployment.terraform('destroy', '-auto-approve');
      deployment.remove();
    }
    await admin.wipe('two-pool');
  }, 120_000);

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

  test('of different stacks: each makes what is its own, and what both want is of one; the other is told whose', async () => {
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
  }, 120_000);

  test('of one stack: Terraform lets one in, and the other changes nothing', async () => {
    const deployment = one;
    deployment.synth(stackOf('one', 6));
    await deployment.init();
    const ended = await Promise.all([1, 2].map(() => deployment.terraform('apply', '-auto-approve')));
    const refused = ended.filter(({ output }) => output.includes('Error acquiring the state lock'));
    expect(refused).toHaveLength(1);
    expect((await admin.rbd('ls', 'two-pool')).split('\n').filter((name) => /^two-one-\d$/.test(name))).toHaveLength(6);
  }, 120_000);
});
