import { rbdImage } from '../../../lib/steps/rbd-image';
import { rbdSnapshot } from '../../../lib/steps/rbd-snapshot';
import type { FakeCeph } from '../../helpers/fake-ceph';
import { cloneOf, cluster, FakeImages, GIB, named, owner, spec } from '../../helpers/fake-images';
import type { FakeRun } from '../../helpers/fake-run';

let images: FakeImages;
let ceph: FakeCeph;
let run: FakeRun;
beforeEach(() => {
  images = new FakeImages();
  ({ ceph, run } = images);
});

describe('An image in a group', () => {
  beforeEach(async () => {
    await images.make('golden');
    await images.make('a', cloneOf('golden'));
    await images.remove('a');
    ceph.imageOf(named('golden')).group = { pool: 'vms', name: 'nightly' };
    ceph.asked.length = 0;
  });

  test.each(['trash', 'delete'] as const)(
    'fails to leave by %s before anything is touched, with the command that takes it out',
    async (policy) => {
      const { failed } = await images.remove('golden', policy);
      expect(failed).toContain(
        "it is in the group 'vms/nightly'; remove it from the group: 'rbd group image rm vms/nightly vms/golden', then apply again",
      );
      expect(ceph.changes).toEqual([]);
      expect(ceph.imageOf(named('golden')).snapshots).toHaveLength(1);
    },
  );

  test('is reported as a member, and can be grown, cloned and released', async () => {
    expect(await run.verify(rbdImage, spec('golden'))).toEqual([]);
    expect(run.said.join()).toContain("is in the group 'vms/nightly'");
    expect(await run.ensure(rbdImage, spec('golden', { size: '2 GiB' }))).not.toHaveProperty('failed');
    await images.make('b', cloneOf('golden'));
    expect(await images.remove('golden', 'retain')).not.toHaveProperty('failed');
  });

  test('fails to be deleted while a snapshot of the group holds it, even after it left the group', async () => {
    const image = ceph.imageOf(named('golden'));
    image.group = undefined;
    image.snapshots.push({ id: 99, name: '.group.2_a_b', size: GIB, namespace: 'group' });
    expect((await images.remove('golden')).failed).toContain(
      "it has snapshots, 'vms/golden@.group.2_a_b' (of a group)",
    );
    expect(ceph.changes).toEqual([]);
  });
});

describe('A mirrored image', () => {
  const mirrored = async (primary: boolean) => {
    const image = await images.make('db');
    image.mirroring = { state: 'enabled', primary };
    ceph.asked.length = 0;
    return image;
  };

  test('can be grown and snapshotted on its primary, but fails to be removed, because its copy would go too', async () => {
    await mirrored(true);
    expect(await run.verify(rbdImage, spec('db'))).toEqual([]);
    expect(run.said.join()).toContain("image 'vms/db' is mirrored");
    expect(await run.ensure(rbdImage, spec('db', { size: '2 GiB' }))).not.toHaveProperty('failed');
    expect((await images.remove('db', 'trash')).failed).toContain(
      "stop the mirroring: 'rbd mirror image disable vms/db', then apply again",
    );
    expect(images.names()).toEqual(['db']);
  });

  test('does not count as in use by its mirror daemon, but does by anybody else', async () => {
    const image = await mirrored(true);
    image.watchers = [{ address: '10.9.0.1:0/1', client: 41 }];
    const rename = (): Promise<{ failed?: string }> => images.remove('db', 'trash');
    ceph.sessions.set('client.rbd-mirror-peer', [{ client: 41 }]);
    image.mirroring = { state: 'disabling', primary: true };
    expect((await rename()).failed).toContain('it is mirrored');
    image.mirroring = undefined;
    expect((await rename()).failed).toContain('it is in use by client.41');
  });

  test('fails by name on the copy, which only the mirror writes to', async () => {
    await mirrored(false);
    const told = "image 'vms/db' is the copy of a mirrored image of another cluster, which only the mirror writes to";
    expect((await run.verify(rbdImage, spec('db'))).join()).toContain(told);
    expect((await run.ensure(rbdImage, spec('db', { size: '2 GiB' }))).failed).toContain(told);
    const snapshot = { v: 1 as const, owner, entryId: 's', cluster, pool: 'vms', image: 'db', name: 'daily' };
    expect((await run.ensure(rbdSnapshot, snapshot)).failed).toContain("'rbd mirror image promote vms/db'");
    expect((await run.ensure(rbdImage, spec('clone', cloneOf('db')))).failed).toContain(told);
    expect(ceph.changes).toEqual([]);
  });
});

describe('An image under migration', () => {
  const snapshot = { v: 1 as const, owner, entryId: 's', cluster, pool: 'vms', image: 'db', name: 'daily' };
  const withNewId = async () => {
    const image = await images.make('db');
    await run.ensure(rbdSnapshot, snapshot);
    image.id = 'new';
    ceph.asked.length = 0;
    return image;
  };

  test('fails by name until the migration ends, with the commands that end it', async () => {
    const image = await withNewId();
    image.features = [...image.features, 'migrating'];
    image.migration = { state: 'executed', from: named('db'), to: named('db') };
    const told = "finish that with 'rbd migration commit vms/db', or 'rbd migration abort vms/db'";
    for (const ran of [run.ensure(rbdImage, spec('clone', cloneOf('db'))), run.ensure(rbdSnapshot, snapshot)])
      expect((await ran).failed).toContain(told);
    for (const ran of [run.ensure(rbdImage, spec('db')), images.remove('db', 'trash'), images.remove('db')])
      expect((await ran).failed).toContain(told);
    expect((await run.verify(rbdImage, spec('db'))).join()).toContain(told);
    expect(ceph.changes).toEqual([]);
  });

  test('is recognized by its mark afterwards, and one command marks it again', async () => {
    const image = await withNewId();
    const { failed = '' } = await run.ensure(rbdImage, spec('db'));
    expect(failed).toContain("it was migrated, or is a copy that took the original's place");
    const [, anew = ''] =
      /'rbd image-meta set vms\/db cdktf-libvirt-ceph '\\''(\{.*?\})'\\'''/.exec(failed) ??
      /cdktf-libvirt-ceph '(\{.*?\})'/.exec(failed) ??
      [];
    image.metadata['cdktf-libvirt-ceph'] = anew;
    expect(await run.ensure(rbdImage, spec('db'))).not.toHaveProperty('failed');
  });

  test.each(['trash', 'delete', 'retain'] as const)(
    'is not silently left behind when it leaves the code (%s)',
    async (policy) => {
      await withNewId();
      expect((await images.remove('db', policy)).failed).toContain('renew the mark');
      const gone = await run.remove(rbdSnapshot, { ...snapshot, entryId: 's', removalPolicy: 'delete' });
      expect(gone.failed).toContain('its image was migrated');
      expect(ceph.changes).toEqual([]);
    },
  );
});

test('an image that somebody moved to another data pool is reported, because no client has access there', async () => {
  const image = await images.make('db');
  image.dataPool = 'd2';
  expect(await run.verify(rbdImage, spec('db'))).toEqual([expect.stringContaining("its data is in the pool 'd2'")]);
  expect((await run.ensure(rbdImage, spec('db'))).said.join()).toContain(
    "Warning: image 'vms/db' has its data in 'd2'",
  );
  expect(await run.verify(rbdImage, spec('db', { dataPool: 'd2' }))).toEqual([]);
});

test('an image whose data pool is its own pool has its data there', async () => {
  await images.make('db', { dataPool: 'vms' });
  ceph.imageOf(named('db')).dataPool = undefined;
  expect(await run.ensure(rbdImage, spec('db', { dataPool: 'vms' }))).toEqual({ said: [] });
});

test("what 'rbd_move_to_trash_on_remove' keeps after a deletion is reported, with the command that deletes it", async () => {
  const { id } = await images.make('db');
  const pool = ceph.poolOf('vms');
  ceph.before = ({ method }) => {
    const image = pool.images.get('db');
    if (method !== 'trash' || image !== undefined) return;
    const [now] = [new Date().toISOString()];
    pool.trash.set(id, { id, name: 'db', source: 'user', deleted: now, expires: now, image: {} as never });
  };
  const { said } = await images.remove('db');
  expect(said.join()).toContain(
    `because the cluster or its pool has 'rbd_move_to_trash_on_remove' set: 'rbd trash rm vms/${id}'`,
  );
});
