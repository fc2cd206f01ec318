import type { CephClientSpec } from '../../../lib/model';
import { changeOf, observeWanted } from '../../../lib/steps/ceph-client/lookup';
import type { Note } from '../../../lib/steps/step';
import type { Tools } from '../../../lib/steps/tools';
import { FakeCeph } from '../../helpers/fake-ceph';

interface ImageOfTest {
  /** 'pool/image' */
  readonly parent?: string;
  readonly dataPool?: string;
  /** The client number of whoever has it open. */
  readonly openBy?: number;
  /** It cannot be opened. */
  readonly broken?: boolean;
}
type Pools = { readonly [pool: string]: { readonly [image: string]: ImageOfTest } };

const CONNECTED = 7;
let said: readonly Note[] = [];

/** A cluster with these pools; the client is connected with the number 7. */
function clusterOf(pools: Pools): FakeCeph {
  const cluster = new FakeCeph();
  cluster.sessions.set('client.libvirt', [{ client: CONNECTED }]);
  for (const pool of Object.keys(pools)) cluster.addPool(pool);
  for (const [pool, images] of Object.entries(pools)) {
    for (const [name, { parent, dataPool, openBy, broken }] of Object.entries(images)) {
      const [parentPool = '', parentName = ''] = parent?.split('/') ?? [];
      const watchers = openBy === undefined ? [] : [{ address: '10.0.0.1:0/1', client: openBy }];
      const image = cluster.addImage({ pool, name }, { dataPool, watchers });
      if (parent !== undefined) {
        const known = cluster.pools.get(parentPool)?.images.get(parentName);
        const of = known ?? cluster.addImage({ pool: parentPool, name: parentName });
        image.parent = { image: of, pool: parentPool, snapshot: 's' };
      }
      if (broken) cluster.broken.set(`${pool}/${name}`, 'no such feature');
    }
  }
  return cluster;
}

const rw = (...pools: string[]) => pools.map((pool) => `profile rbd pool=${pool}`).join(', ');
const ro = (pool: string) => `profile rbd-read-only pool=${pool}`;

/** The grants to data that are revoked from a client that had `before` from us. */
async function removed(cluster: FakeCeph, before: string, wanted: string): Promise<readonly string[]> {
  const spec = { id: 'libvirt', cluster: { transport: { type: 'local' } }, caps: { osd: wanted } } as CephClientSpec;
  const mark = { v: 1, owner: {}, id: 'client.libvirt', entryId: 't', caps: { osd: before } };
  cluster.clients.set('client.libvirt', { caps: { osd: before }, key: 'k' });
  cluster.keys.set('cdktf-libvirt-ceph/client/libvirt', JSON.stringify(mark));
  const world = await observeWanted(spec, { ceph: () => cluster.client() } as unknown as Tools);
  said = world.inUse.notes;
  return changeOf(spec, world).removed.map((grant) => grant.replace(/^osd /, ''));
}

test('removes a grant that nothing needs, and looks at nothing when no grant would go', async () => {
  const ceph = clusterOf({
    vms: { a: { parent: 'vms/b', dataPool: 'vms' }, b: { openBy: CONNECTED } },
    other: { c: { openBy: 8 } },
  });
  expect(await removed(ceph, rw('vms', 'other'), rw('vms', 'other'))).toEqual([]);
  expect(ceph.asked.map(({ method }) => method)).not.toContain('imagesInUse');
  expect(await removed(ceph, rw('vms', 'other'), rw('vms'))).toEqual([rw('other')]);
  expect(said).toEqual([]);
});

test.each<[string, Pools, string]>([
  ['the parent of an image', { vms: { a: { parent: 'other/golden' } } }, `image 'vms/a' is a clone of 'other/golden'`],
  ['the data of an image', { vms: { a: { dataPool: 'other' } } }, `image 'vms/a' has its data in 'other'`],
  [
    'an image that is open',
    { vms: {}, other: { a: { openBy: CONNECTED } } },
    `image 'other/a' is open by client.7 at 10.0.0.1:0/1`,
  ],
  ['what cannot be told', { vms: { a: { broken: true } } }, `it is unknown what needs it ('no such feature')`],
])('keeps a grant that is needed for %s, and says so', async (_, pools, why) => {
  const ceph = clusterOf({ other: {}, ...pools });
  expect(await removed(ceph, rw('vms', 'other'), rw('vms'))).toEqual([]);
  const grant = `'osd ${rw('other')}'`;
  expect(said).toEqual([{ say: `client 'libvirt': ${grant} is no longer wanted, but is kept because ${why}` }]);
});

test('a grant that stays for one pool keeps images usable that need another pool', async () => {
  const pools = {
    vms: {},
    golden: {},
    data: {},
    old: { a: { parent: 'golden/g', openBy: CONNECTED, dataPool: 'data' } },
  };
  const before = `${rw('data')}, ${ro('golden')}, ${rw('old', 'vms')}`;
  expect(await removed(clusterOf(pools), before, rw('vms'))).toEqual([]);
  const closed = { ...pools, old: { a: { parent: 'golden/g', dataPool: 'data' } } };
  expect(await removed(clusterOf(closed), before, rw('vms'))).toEqual([rw('data'), ro('golden'), rw('old')]);
});

test('a clone only needs to read its parent, and write access includes read access', async () => {
  const pools = { vms: { a: { parent: 'other/golden' } }, other: { golden: {} } };
  expect(await removed(clusterOf(pools), rw('vms', 'other'), `${rw('vms')}, ${ro('other')}`)).toEqual([rw('other')]);
  expect(await removed(clusterOf(pools), `${rw('vms')}, ${ro('other')}`, rw('vms', 'other'))).toEqual([ro('other')]);
});

test('removes a grant for a pool that no longer exists', async () => {
  expect(await removed(clusterOf({ vms: {} }), rw('vms', 'gone'), rw('vms'))).toEqual([rw('gone')]);
});
