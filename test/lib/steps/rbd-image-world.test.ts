import type { RbdImageRemoval, RbdImageSpec } from '../../../lib/model';
import { rbdImage } from '../../../lib/steps/rbd-image';
import { observeImages } from '../../../lib/steps/rbd-image/lookup';
import { temporaryName } from '../../../lib/steps/rbd-image/temporary-name';
import { rbdSnapshot } from '../../../lib/steps/rbd-snapshot';
import { FakeCeph } from '../../helpers/fake-ceph';
import { FakeRun } from '../../helpers/fake-run';

const owner = { project: 'shop', stack: 'prod', workspace: 'default' };
const TOKEN = 'entry';
// Known by name, so that nothing has to be fetched.
const cluster = { monitors: ['mon1.test'], transport: { type: 'local' as const } };
const GIB = 2 ** 30;
const named = (name: string) => ({ pool: 'vms', name });
const spec = (name: string, more: Partial<RbdImageSpec> = {}): RbdImageSpec => ({
  ...{ v: 1, owner, entryId: `${TOKEN}-${name}`, cluster, ...named(name), source: { blank: true }, size: '1 GiB' },
  ...more,
});
const removal = (
  name: string,
  removalPolicy: RbdImageRemoval['removalPolicy'] = 'delete',
  more: Partial<RbdImageRemoval> = {},
): RbdImageRemoval => ({ v: 1, owner, entryId: `${TOKEN}-${name}`, cluster, ...named(name), removalPolicy, ...more });
const cloneOf = (name: string) => ({ source: { clone: `vms/${name}` }, size: undefined });

let ceph: FakeCeph;
let run: FakeRun;
beforeEach(() => {
  ceph = new FakeCeph();
  ceph.addPool('vms');
  run = new FakeRun(ceph);
});
const make = async (name: string, more: Partial<RbdImageSpec> = {}) => {
  expect(await run.ensure(rbdImage, spec(name, more))).not.toHaveProperty('failed');
  return ceph.imageOf(named(name));
};
const remove = (name: string, policy?: RbdImageRemoval['removalPolicy']) => run.remove(rbdImage, removal(name, policy));
const names = (): string[] => [...ceph.poolOf('vms').images.keys()];
const trashed = (): string[] => [...ceph.poolOf('vms').trash.values()].map(({ name }) => name);

describe('A new image', () => {
  test('gets its record and its mark before its name, and is looked at once when nothing differs', async () => {
    await make('web1');
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
    expect(names()).toEqual([]);
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
    expect(names()).toEqual([]);
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
    await make('web1');
    const left = leave();
    run.onSleep = () => void ((slept += 2) === 64 && (left.watchers = []));
    const { said } = await run.ensure(rbdImage, spec('web1'));
    expect(said.join('\n')).not.toContain('Warning');
    expect(names()).toEqual(['web1']);
  });

  test('is reported with the command that removes it while somebody still writes into it', async () => {
    await make('web1');
    const left = leave();
    const { said } = await run.ensure(rbdImage, spec('web1'));
    expect(said.at(-1)).toMatch(
      /^Warning: image 'vms\/web1' is whole, but an interrupted run still writes into 'vms\/web1\.\S+' \(open by client\.7 at 10\.0\.0\.7:0\/1\); .* 'cdktf-libvirt-ceph repair' removes that$/,
    );
    expect(await run.verify(rbdImage, spec('web1'))).toEqual([`an interrupted run left vms/${left.name}`]);
    left.watchers = [];
    await run.ensure(rbdImage, spec('web1'));
    expect(names()).toEqual(['web1']);
  });

  test('is reported when a child of that run begins with another one during the removal', async () => {
    await make('web1');
    leave().watchers = [];
    let another = '';
    ceph.before = ({ method }) => void (method === 'removeImage' && (another = leave().name));
    const { said } = await run.ensure(rbdImage, spec('web1'));
    expect(said.at(-1)).toContain(`still writes into 'vms/${another}'; `);
  });

  test('is waited for once, however many there are', async () => {
    await make('web1');
    for (const client of [7, 8, 9]) leave(client);
    expect((await remove('web1')).failed).toContain('an interrupted run still writes into');
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
    await make('web1');
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
    const image = await make('web1');
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
    await make('web1');
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
    await make('golden');
    for (const name of ['a', 'b']) await make(name, cloneOf('golden'));
    await make('leaf', cloneOf('a'));
  });

  test.each([
    ['the parent first', ['golden', 'a', 'b', 'leaf']],
    ['the last clone first', ['leaf', 'b', 'a', 'golden']],
    ['the middle first', ['a', 'golden', 'leaf', 'b']],
  ])('finishes in one run, one after another: %s', async (_title, order) => {
    for (const name of order) expect(await remove(name)).not.toHaveProperty('failed');
    expect([names(), trashed(), [...ceph.keys.keys()]]).toEqual([[], [], []]);
  });

  test('says that the parent waits in the trash for the last clone', async () => {
    const { said } = await remove('golden');
    expect(said.join('\n')).toContain(
      "image 'vms/golden' has clones, 'vms/a', 'vms/b': it waits in the trash, and is deleted with the last of them",
    );
    expect(names()).toEqual(['a', 'b', 'leaf']);
    await remove('b');
    expect(trashed()).toEqual(['golden']);
  });

  test('can be undone in the meantime: the parent is restored with its data', async () => {
    const { id } = ceph.imageOf(named('golden'));
    await remove('golden');
    const { failed } = await run.ensure(rbdImage, spec('golden'));
    expect(failed).toContain(`restore it with 'rbd trash restore vms/${id}'`);
    await ceph.client().restoreFromTrash({ pool: 'vms', id, name: 'golden' });
    expect(await run.ensure(rbdImage, spec('golden'))).not.toHaveProperty('failed');
    for (const name of ['leaf', 'a', 'b']) await remove(name);
    expect(names()).toEqual(['golden']);
  });

  test('fails while a foreign clone needs the image, whether of another stack or made by hand, and touches nothing', async () => {
    const theirs = { owner: { ...owner, stack: 'test' }, entryId: 'theirs' };
    await make('theirs', { ...cloneOf('golden'), ...theirs });
    const parent = { ...named('golden'), snapshot: 'cdktf-libvirt-ceph' };
    await ceph.client().cloneImage({ ...named('by-hand'), parent });
    ceph.asked.length = 0;
    expect((await remove('golden')).failed).toContain(
      "image 'vms/golden' cannot be deleted: it has clones, 'vms/theirs', 'vms/by-hand'",
    );
    expect(ceph.changes).toEqual([]);
  });

  test('fails while a clone that TRASH has kept needs the image', async () => {
    await remove('leaf');
    await remove('a', 'trash');
    expect((await remove('golden')).failed).toContain("it has clones, 'vms/a' (in the trash)");
    expect(names()).toEqual(['golden', 'b']);
  });
});

describe('An image in a group', () => {
  beforeEach(async () => {
    await make('golden');
    await make('a', cloneOf('golden'));
    await remove('a');
    ceph.imageOf(named('golden')).group = { pool: 'vms', name: 'nightly' };
    ceph.asked.length = 0;
  });

  test.each(['trash', 'delete'] as const)(
    'fails to leave by %s before anything is touched, with the command that takes it out',
    async (policy) => {
      const { failed } = await remove('golden', policy);
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
    await make('b', cloneOf('golden'));
    expect(await remove('golden', 'retain')).not.toHaveProperty('failed');
  });

  test('fails to be deleted while a snapshot of the group holds it, even after it left the group', async () => {
    const image = ceph.imageOf(named('golden'));
    image.group = undefined;
    image.snapshots.push({ id: 99, name: '.group.2_a_b', size: GIB, namespace: 'group' });
    expect((await remove('golden')).failed).toContain("it has snapshots, 'vms/golden@.group.2_a_b' (of a group)");
    expect(ceph.changes).toEqual([]);
  });
});

describe('A mirrored image', () => {
  const mirrored = async (primary: boolean) => {
    const image = await make('db');
    image.mirroring = { state: 'enabled', primary };
    ceph.asked.length = 0;
    return image;
  };

  test('can be grown and snapshotted on its primary, but fails to be removed, because its copy would go too', async () => {
    await mirrored(true);
    expect(await run.verify(rbdImage, spec('db'))).toEqual([]);
    expect(run.said.join()).toContain("image 'vms/db' is mirrored");
    expect(await run.ensure(rbdImage, spec('db', { size: '2 GiB' }))).not.toHaveProperty('failed');
    expect((await remove('db', 'trash')).failed).toContain(
      "stop the mirroring: 'rbd mirror image disable vms/db', then apply again",
    );
    expect(names()).toEqual(['db']);
  });

  test('does not count as in use by its mirror daemon, but does by anybody else', async () => {
    const image = await mirrored(true);
    image.watchers = [{ address: '10.9.0.1:0/1', client: 41 }];
    const rename = (): Promise<{ failed?: string }> => remove('db', 'trash');
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
    const image = await make('db');
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
    for (const ran of [run.ensure(rbdImage, spec('db')), remove('db', 'trash'), remove('db')])
      expect((await ran).failed).toContain(told);
    expect((await run.verify(rbdImage, spec('db'))).join()).toContain(told);
    expect(ceph.changes).toEqual([]);
  });

  test('is recognised by its mark afterwards, and one command marks it again', async () => {
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
      expect((await remove('db', policy)).failed).toContain('renew the mark');
      const gone = await run.remove(rbdSnapshot, { ...snapshot, entryId: 's', removalPolicy: 'delete' });
      expect(gone.failed).toContain('its image was migrated');
      expect(ceph.changes).toEqual([]);
    },
  );
});

test('an image that somebody moved to another data pool is reported, because no client has access there', async () => {
  const image = await make('db');
  image.dataPool = 'd2';
  expect(await run.verify(rbdImage, spec('db'))).toEqual([expect.stringContaining("its data is in the pool 'd2'")]);
  expect((await run.ensure(rbdImage, spec('db'))).said.join()).toContain(
    "Warning: image 'vms/db' has its data in 'd2'",
  );
  expect(await run.verify(rbdImage, spec('db', { dataPool: 'd2' }))).toEqual([]);
});

test('an image whose data pool is its own pool has its data there', async () => {
  await make('db', { dataPool: 'vms' });
  ceph.imageOf(named('db')).dataPool = undefined;
  expect(await run.ensure(rbdImage, spec('db', { dataPool: 'vms' }))).toEqual({ said: [] });
});

test("what 'rbd_move_to_trash_on_remove' keeps after a deletion is reported, with the command that deletes it", async () => {
  const { id } = await make('db');
  const { trash, images } = ceph.poolOf('vms');
  ceph.before = ({ method }) => {
    const image = images.get('db');
    if (method !== 'trash' || image !== undefined) return;
    const [now] = [new Date().toISOString()];
    trash.set(id, { id, name: 'db', source: 'user', deleted: now, expires: now, image: {} as never });
  };
  const { said } = await remove('db');
  expect(said.join()).toContain(
    `because the cluster or its pool has 'rbd_move_to_trash_on_remove' set: 'rbd trash rm vms/${id}'`,
  );
});
