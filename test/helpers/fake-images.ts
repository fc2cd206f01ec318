import type { RbdImageRemoval, RbdImageSpec } from '../../lib/model';
import { rbdImage } from '../../lib/steps/rbd-image';
import { FakeCeph } from './fake-ceph';
import { FakeRun, type Ran } from './fake-run';

type Policy = RbdImageRemoval['removalPolicy'];

export const GIB = 2 ** 30;
export const owner = { project: 'shop', stack: 'prod', workspace: 'default' };
// Known by name, so that nothing has to be fetched.
export const cluster = { monitors: ['mon1.test'], transport: { type: 'local' as const } };
export const named = (name: string): { readonly pool: string; readonly name: string } => ({ pool: 'vms', name });

/** The spec of a blank image of 1 GiB, unless `more` says otherwise. */
export const spec = (name: string, more: Partial<RbdImageSpec> = {}): RbdImageSpec => ({
  ...{ v: 1, owner, entryId: `entry-${name}`, cluster, ...named(name), source: { blank: true }, size: '1 GiB' },
  ...more,
});
export const removal = (
  name: string,
  removalPolicy: Policy = 'delete',
  more: Partial<RbdImageRemoval> = {},
): RbdImageRemoval => ({ v: 1, owner, entryId: `entry-${name}`, cluster, ...named(name), removalPolicy, ...more });
export const cloneOf = (name: string): Partial<RbdImageSpec> => ({ source: { clone: `vms/${name}` }, size: undefined });

/** The pool 'vms' of a cluster in memory, and the runs on its images. */
export class FakeImages {
  public readonly ceph = new FakeCeph();
  public readonly run = new FakeRun(this.ceph);

  constructor() {
    this.ceph.addPool('vms');
  }

  public async make(name: string, more: Partial<RbdImageSpec> = {}): Promise<ReturnType<FakeCeph['imageOf']>> {
    expect(await this.run.ensure(rbdImage, spec(name, more))).not.toHaveProperty('failed');
    return this.ceph.imageOf(named(name));
  }

  public remove(name: string, policy?: Policy): Promise<Ran> {
    return this.run.remove(rbdImage, removal(name, policy));
  }

  public names(): string[] {
    return [...this.ceph.poolOf('vms').images.keys()];
  }

  public trashed(): string[] {
    return [...this.ceph.poolOf('vms').trash.values()].map(({ name }) => name);
  }
}
