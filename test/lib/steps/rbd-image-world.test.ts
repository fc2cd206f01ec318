import { rbdImage } from '../../../lib/steps/rbd-image';
import { observeImages } from '../../../lib/steps/rbd-image/lookup';
import { temporaryName } from '../../../lib/steps/rbd-image/temporary-name';
import type { FakeCeph } from '../../helpers/fake-ceph';
import { cloneOf, FakeImages, GIB, named, owner, spec } from '../../helpers/fake-images';
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

describe('The size in running VMs', () => {
  const user = (domain: string) => ({
    host: { uri: 'qemu:///system', transport: { type: 'local' as const } },
    domain,
    target: 'vda',
  });

  /** What virsh prints about a VM: its disks, then the sizes that it sees. */
  const DISKS = ` vda   vms/web1\n vda   ${GIB / 2}   ${GIB / 2}   ${GIB / 2}\n`;

  test('in many VMs is asked for by one virsh, and in a VM that this does not show by another', async () => {
    await images.make('web1');
    const asked: string[] = [];
    run.answer = ({ argv }) => {
      const script = argv.at(-1) ?? '';
      asked.push(script);
      if (script === '--name') return 'web1\nweb2\nweb3\n';
      const marks = [...script.matchAll(/echo ([^;]+)/g)].map(([, mark]) => mark);
      return marks.length === 0 ? DISKS : `${DISKS}${marks[0]}${DISKS.replaceAll(`${GIB / 2}`, `${GIB}`)}${marks[0]}`;
    };
    const specs = ['web1', 'web2', 'web3'].map((domain) => spec('web1', { users: [user(domain)] }));
    const look = observeImages(specs, run.tools);
    const behind = await Promise.all(specs.map(async (one) => (await look(one)).usersBehind.length));
    expect(behind).toEqual([1, 0, 1]);
    expect(asked.filter((script) => script !== '--name')).toEqual([
      expect.stringMatching(/^domblklist web1; domblkinfo --all web1; echo \S+; domblklist web2; .* web3; echo \S+$/),
      'domblklist web3; domblkinfo --all web3',
    ]);
  });

  test('matches the image when each VM is told, even when somebody grows it in between', async () => {
    const image = await images.make('web1');
    const told: string[] = [];
    run.answer = ({ argv }) => {
      if (argv.includes('list')) return 'web1\nweb2\n';
      if (argv.at(-1)?.startsWith('domblklist')) return DISKS;
      told.push(argv.slice(-3).join(' '));
      image.size += GIB;
      return '';
    };
    const ran = await run.ensure(rbdImage, spec('web1', { users: [user('web1'), user('web2')] }));
    expect(ran).not.toHaveProperty('failed');
    expect(told).toEqual([`web1 vda ${GIB}B`, `web2 vda ${2 * GIB}B`]);
  });

  test.each([
    ['undefined', 'domblklist', "error: failed to get domain 'web1'"],
    ['shut off', 'domblklist', 'error: Requested operation is not valid: domain is not running'],
    ['shut off after the look', 'blockresize', 'error: Requested operation is not valid: domain is not running'],
  ])('is skipped for a VM that is %s in between', async (_title, verb, stderr) => {
    await images.make('web1');
    run.answer = ({ argv }) => {
      if (argv.some((word) => word.startsWith(verb))) return { exitCode: 1, stdout: '', stderr };
      if (argv.includes('list')) return 'web1\n';
      if (argv.at(-1)?.startsWith('domblklist')) return DISKS;
      return '';
    };
    expect(await run.ensure(rbdImage, spec('web1', { users: [user('web1')] }))).not.toHaveProperty('failed');
  });
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
