import { rbdImage } from '../../../lib/steps/rbd-image';
import { temporaryName } from '../../../lib/steps/rbd-image/temporary-name';
import type { FakeCeph } from '../../helpers/fake-ceph';
import { FakeImages, GIB, named, owner, spec } from '../../helpers/fake-images';
import type { FakeRun } from '../../helpers/fake-run';

let images: FakeImages;
let ceph: FakeCeph;
let run: FakeRun;
beforeEach(() => {
  images = new FakeImages();
  ({ ceph, run } = images);
});

describe('A new image', () => {
  test('gets its record and its mark before its name, and is looked at once when nothing differs', async () => {
    await images.make('web1');
    expect(ceph.changes.map((one) => one.replace(/\.cdktf\S+-[0-9a-f]+/, '.TEMPORARY'))).toEqual([
      'rbd create vms/web1.TEMPORARY',
      'rbd image-meta set vms/web1.TEMPORARY cdktf-libvirt-ceph.source',
      'rbd image-meta set vms/web1.TEMPORARY cdktf-libvirt-ceph',
      'rbd rename vms/web1.TEMPORARY vms/web1',
    ]);
    ceph.asked.length = 0;
    expect(await run.ensure(rbdImage, spec('web1'))).toEqual({ said: [] });
    expect(ceph.asked.map(({ method }) => method).sort()).toEqual(['image', 'imageNames']);
  });

  test('fails to get its name while somebody has it open, names them, and leaves nothing behind', async () => {
    ceph.before = ({ method, params }) => {
      if (method === 'watchers') ceph.imageOf(params as never).watchers = [{ address: '10.0.0.9:0/1', client: 7 }];
      if (method === 'removeImage') ceph.imageOf(params as never).watchers = [];
    };
    const { failed } = await run.ensure(rbdImage, spec('web1'));
    expect(failed).toMatch(/cannot be given its final name: it is in use by client\.7 at 10\.0\.0\.9:0\/1/);
    expect(images.names()).toEqual([]);
  });

  test('fails when a cluster default puts its data where no client has access, and leaves nothing behind', async () => {
    ceph.before = ({ method, params }) => {
      if (method === 'setMetadata' || method === 'watchers') throw new Error('it got that far');
      if (method !== 'image') return;
      for (const image of ceph.poolOf('vms').images.values()) image.dataPool = 'd2';
      expect(params).toBeDefined();
    };
    const { failed } = await run.ensure(rbdImage, spec('web1'));
    expect(failed).toContain(
      "image 'vms/web1' was not created: its data would be in 'd2', because of the 'rbd_default_data_pool' of the cluster or of its pool; set 'dataPool' to that pool",
    );
    expect(images.names()).toEqual([]);
  });

  test.each([
    ['is not there', undefined, "its data pool 'ec' does not exist in the cluster"],
    ['cannot be overwritten', { erasureCoded: true }, "'ceph osd pool set ec allow_ec_overwrites true'"],
  ])('fails when its data pool %s, and says what that means', async (_title, pool, told) => {
    if (pool !== undefined) ceph.addPool('ec', pool);
    ceph.before = ({ method }) => {
      if (method === 'createImage') ceph.poolOf('none');
    };
    const { failed } = await run.ensure(rbdImage, spec('web1', { dataPool: 'ec' }));
    expect(failed).toMatch(/^image 'vms\/web1' was not created: its data pool 'ec' /);
    expect(failed).toContain(told);
  });
});

describe('An image whose rename was interrupted', () => {
  const renameInPart = async () => {
    await images.make('web1');
    const image = ceph.imageOf({ pool: 'vms', name: 'web1' });
    image.name = temporaryName(spec('web1'));
    ceph.poolOf('vms').images.set(image.name, image);
    return image;
  };

  test('keeps its data, and only its final name, after the next run', async () => {
    const image = await renameInPart();
    const { name } = image;
    expect(await run.verify(rbdImage, spec('web1'))).toEqual([`its rename from '${name}' was interrupted`]);
    expect((await run.ensure(rbdImage, spec('web1'))).failed).toBeUndefined();
    expect(images.names()).toEqual(['web1']);
    expect(ceph.imageOf({ pool: 'vms', name: 'web1' })).toBe(image);
  });

  test('goes to the trash whole when it leaves the code', async () => {
    const image = await renameInPart();
    const { failed } = await images.remove('web1', 'trash');
    expect(failed).toBeUndefined();
    expect(images.names()).toEqual([]);
    expect([...ceph.poolOf('vms').trash.values()].map((one) => one.image)).toEqual([image]);
  });

  test('is not removed with its temporary name by the run whose rename fails', async () => {
    ceph.before = ({ method, params }) => {
      if (method !== 'renameImage') return;
      const { name, to } = params as { name: string; to: string };
      ceph.poolOf('vms').images.set(to, ceph.imageOf({ pool: 'vms', name }));
      throw new Error('the OSD went down');
    };
    expect((await run.ensure(rbdImage, spec('web1'))).failed).toContain('the OSD went down');
    ceph.before = () => undefined;
    expect(images.names()).toHaveLength(2);
    expect((await run.ensure(rbdImage, spec('web1'))).failed).toBeUndefined();
    expect(images.names()).toEqual(['web1']);
  });
});

describe('What an interrupted run left of an image', () => {
  const leave = (client = 7) => {
    const watchers = [{ address: `10.0.0.${client}:0/1`, client }];
    return ceph.addImage({ pool: 'vms', name: temporaryName(spec('web1')) }, { watchers });
  };
  let slept = 0;
  beforeEach(() => {
    slept = 0;
    run.onSleep = () => void (slept += 2);
  });

  test('is removed by the next run, which waits for a worker that is slow to end and for Ceph to forget it', async () => {
    await images.make('web1');
    const left = leave();
    run.onSleep = () => void ((slept += 2) === 64 && (left.watchers = []));
    const { said } = await run.ensure(rbdImage, spec('web1'));
    expect(said.join('\n')).not.toContain('Warning');
    expect(images.names()).toEqual(['web1']);
  });

  test('is reported with the command that removes it while somebody still writes into it', async () => {
    await images.make('web1');
    const left = leave();
    const { said } = await run.ensure(rbdImage, spec('web1'));
    expect(said.at(-1)).toMatch(
      /^Warning: image 'vms\/web1' is complete, but an interrupted run still writes into 'vms\/web1\.\S+' \(open by client\.7 at 10\.0\.0\.7:0\/1\); .* 'cdktf-libvirt-ceph repair' removes that$/,
    );
    expect(await run.verify(rbdImage, spec('web1'))).toEqual([`an interrupted run left vms/${left.name}`]);
    left.watchers = [];
    await run.ensure(rbdImage, spec('web1'));
    expect(images.names()).toEqual(['web1']);
  });

  test('is reported when a child of that run begins with another one during the removal', async () => {
    await images.make('web1');
    leave().watchers = [];
    let another = '';
    ceph.before = ({ method }) => void (method === 'removeImage' && (another = leave().name));
    const { said } = await run.ensure(rbdImage, spec('web1'));
    expect(said.at(-1)).toContain(`still writes into 'vms/${another}'; `);
  });

  test('is waited for once, however many there are', async () => {
    await images.make('web1');
    for (const client of [7, 8, 9]) leave(client);
    expect((await images.remove('web1')).failed).toContain('an interrupted run still writes into');
    expect(slept).toBeGreaterThan(60);
    expect(slept).toBeLessThan(80);
  });
});

describe('An adopted image', () => {
  const meta = (fields: object) => ({ metadata: { 'cdktf-libvirt-ceph': JSON.stringify(fields) } });
  const smaller = { adopt: true, size: '0.5 GiB' };

  test.each([
    ['unmarked', {}],
    ['released', meta({ v: 1, owner: { ...owner, stack: 'test' }, id: '1', entryId: '' })],
    ['of a lost state', meta({ v: 1, owner, id: '1', entryId: 'lost' })],
  ])('fails with a smaller size before it is marked: %s', async (_title, fields) => {
    ceph.addImage(named('web1'), { id: '1', ...fields });
    expect((await run.ensure(rbdImage, spec('web1', smaller))).failed).toContain('images are never shrunk');
    expect(ceph.changes).toEqual([]);
    expect(await run.ensure(rbdImage, spec('web1', { adopt: true, size: '2 GiB' }))).not.toHaveProperty('failed');
    expect(ceph.imageOf(named('web1')).size).toBe(2 * GIB);
  });

  test('fails when it belongs to another owner, whatever its size', async () => {
    ceph.addImage(named('web1'), {
      id: '1',
      ...meta({ v: 1, owner: { ...owner, stack: 'test' }, id: '1', entryId: 'theirs' }),
    });
    expect((await run.ensure(rbdImage, spec('web1', smaller))).failed).toContain(
      "belongs to project 'shop', stack 'test'",
    );
  });
});
