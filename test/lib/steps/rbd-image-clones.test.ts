import { rbdImage } from '../../../lib/steps/rbd-image';
import type { FakeCeph } from '../../helpers/fake-ceph';
import { cloneOf, FakeImages, named, owner, spec } from '../../helpers/fake-images';
import type { FakeRun } from '../../helpers/fake-run';

let images: FakeImages;
let ceph: FakeCeph;
let run: FakeRun;
beforeEach(() => {
  images = new FakeImages();
  ({ ceph, run } = images);
});

describe('DELETE of an image and its clones', () => {
  beforeEach(async () => {
    await images.make('golden');
    for (const name of ['a', 'b']) await images.make(name, cloneOf('golden'));
    await images.make('leaf', cloneOf('a'));
  });

  test.each([
    ['the parent first', ['golden', 'a', 'b', 'leaf']],
    ['the last clone first', ['leaf', 'b', 'a', 'golden']],
    ['the middle first', ['a', 'golden', 'leaf', 'b']],
  ])('finishes in one run, one after another: %s', async (_title, order) => {
    for (const name of order) expect(await images.remove(name)).not.toHaveProperty('failed');
    expect([images.names(), images.trashed(), [...ceph.keys.keys()]]).toEqual([[], [], []]);
  });

  test('says that the parent waits in the trash for the last clone', async () => {
    const { said } = await images.remove('golden');
    expect(said.join('\n')).toContain(
      "image 'vms/golden' has clones, 'vms/a', 'vms/b': it waits in the trash, and is deleted with the last of them",
    );
    expect(images.names()).toEqual(['a', 'b', 'leaf']);
    await images.remove('b');
    expect(images.trashed()).toEqual(['golden']);
  });

  test('can be undone in the meantime: the parent is restored with its data', async () => {
    const { id } = ceph.imageOf(named('golden'));
    await images.remove('golden');
    const { failed } = await run.ensure(rbdImage, spec('golden'));
    expect(failed).toContain(`restore it with 'rbd trash restore vms/${id}'`);
    await ceph.client().restoreFromTrash({ pool: 'vms', id, name: 'golden' });
    expect(await run.ensure(rbdImage, spec('golden'))).not.toHaveProperty('failed');
    for (const name of ['leaf', 'a', 'b']) await images.remove(name);
    expect(images.names()).toEqual(['golden']);
  });

  test('fails while a foreign clone needs the image, whether of another stack or made by hand, and touches nothing', async () => {
    const theirs = { owner: { ...owner, stack: 'test' }, entryId: 'theirs' };
    await images.make('theirs', { ...cloneOf('golden'), ...theirs });
    const parent = { ...named('golden'), snapshot: 'cdktf-libvirt-ceph' };
    await ceph.client().cloneImage({ ...named('by-hand'), parent });
    ceph.asked.length = 0;
    expect((await images.remove('golden')).failed).toContain(
      "image 'vms/golden' cannot be deleted: it has clones, 'vms/theirs', 'vms/by-hand'",
    );
    expect(ceph.changes).toEqual([]);
  });

  test('fails while a clone that TRASH has kept needs the image', async () => {
    await images.remove('leaf');
    await images.remove('a', 'trash');
    expect((await images.remove('golden')).failed).toContain("it has clones, 'vms/a' (in the trash)");
    expect(images.names()).toEqual(['golden', 'b']);
  });
});
