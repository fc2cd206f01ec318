import type { CephClientSpec } from '../../../lib/model';
import { changeOf } from '../../../lib/steps/ceph-client/needed';
import type { ClientState } from '../../../lib/steps/ceph-client/state';
import type { Outcome, Tools } from '../../../lib/steps/tools';

interface FakeImage {
  /** 'pool/image' */
  readonly parent?: string;
  readonly dataPool?: string;
  /** The number of who has it open. */
  readonly openBy?: number;
  /** It cannot be opened. */
  readonly broken?: boolean;
}
type Pools = { readonly [pool: string]: { readonly [image: string]: FakeImage } };

const CONNECTED = 7;
const done = (stdout: string): Outcome => ({ exitCode: 0, stdout, stderr: '' });

/** A cluster with these pools, to which the client is connected as number 7. */
class FakeCeph {
  public readonly asked: string[] = [];
  public readonly said: string[] = [];
  /** It passes no standard input on. */
  public deaf = false;

  constructor(private readonly pools: Pools) {}

  public get tools(): Tools {
    const tools: Partial<Tools> = {
      attempt: ({ argv }, options) => Promise.resolve(this.answer(argv.join(' '), options?.input ?? '')),
      run: ({ argv }) => Promise.resolve(this.answer(argv.join(' '), '').stdout),
      say: (line) => void this.said.push(line),
    };
    return tools as Tools;
  }

  private answer(line: string, input: string): Outcome {
    this.asked.push(line);
    if (line.includes('quorum_status')) return done('{"quorum_names":["a"]}');
    if (line.includes('sessions'))
      return done(
        `[{"global_id":${CONNECTED},"entity_name":"client.libvirt"},{"global_id":8,"entity_name":"client.x"}]`,
      );
    const images = this.pools[line.split(' ').at(-1) ?? ''];
    if (images === undefined) return { exitCode: 2, stdout: '', stderr: 'rbd: error opening pool' };
    if (line.includes(' ls --long '))
      return done(JSON.stringify(Object.keys(images).map((image) => row(image, images))));
    if (line.includes(' ls ')) return done(Object.keys(images).join('\n'));
    const found = input
      .trim()
      .split('\n')
      .map((name) => [name, images[name] ?? {}] as const);
    if (found.some(([, { broken }]) => broken)) return { exitCode: 1, stdout: '', stderr: 'a\nrbd: no such feature\n' };
    const lines = found.map(([name, image]) => `${name}\t${JSON.stringify(said(image))}\n`);
    return done(`${lines.join('')}${this.deaf ? 0 : found.length}\n`);
  }
}

function row(image: string, images: Pools[string]): object {
  const [pool, parent] = images[image]?.parent?.split('/') ?? [];
  return { image, ...(pool === undefined ? {} : { parent: { pool, image: parent } }) };
}

function said({ dataPool, openBy }: FakeImage): object {
  const watchers = openBy === undefined ? [] : [{ address: '10.0.0.1:0/1', client: openBy }];
  return { watchers, ...(dataPool === undefined ? {} : { data_pool: dataPool }) };
}

const rw = (...pools: string[]) => pools.map((pool) => `profile rbd pool=${pool}`).join(', ');
const ro = (pool: string) => `profile rbd-read-only pool=${pool}`;

/** The grants to data that are taken away where the client had `before` of us. */
async function removed(ceph: FakeCeph, before: string, wanted: string): Promise<readonly string[]> {
  const spec = { id: 'libvirt', cluster: { transport: { type: 'local' } }, caps: { osd: wanted } } as CephClientSpec;
  const mark = { caps: { osd: before } };
  const state = { caps: { osd: before }, mark, monitors: {} } as unknown as ClientState;
  return (await changeOf(spec, state, ceph.tools)).removed.map((grant) => grant.replace(/^osd /, ''));
}

test('a grant that nothing needs goes, and nothing is looked at where none would go', async () => {
  const ceph = new FakeCeph({
    vms: { a: { parent: 'vms/b', dataPool: 'vms' }, b: { openBy: CONNECTED } },
    other: { c: { openBy: 8 } },
  });
  expect(await removed(ceph, rw('vms', 'other'), rw('vms', 'other'))).toEqual([]);
  expect(ceph.asked).toEqual([]);
  expect(await removed(ceph, rw('vms', 'other'), rw('vms'))).toEqual([rw('other')]);
  expect(ceph.said).toEqual([]);
});

test.each<[string, Pools, string]>([
  ['the parent of an image', { vms: { a: { parent: 'other/golden' } } }, `image 'vms/a' is a clone of 'other/golden'`],
  ['the data of an image', { vms: { a: { dataPool: 'other' } } }, `image 'vms/a' has its data in 'other'`],
  [
    'an image that is open',
    { vms: {}, other: { a: { openBy: CONNECTED } } },
    `image 'other/a' is open by client.7 at 10.0.0.1:0/1`,
  ],
  ['what cannot be told', { vms: { a: { broken: true } } }, `it cannot be told what needs it ('rbd: no such feature')`],
])('a grant stays that is needed for %s, which is said', async (_, pools, why) => {
  const ceph = new FakeCeph({ other: {}, ...pools });
  expect(await removed(ceph, rw('vms', 'other'), rw('vms'))).toEqual([]);
  expect(ceph.said).toEqual([`client 'libvirt': 'osd ${rw('other')}' is no longer wanted and stays as long as ${why}`]);
});

test('what stays for one pool lets images be used that need another one', async () => {
  const pools = {
    vms: {},
    golden: {},
    data: {},
    old: { a: { parent: 'golden/g', openBy: CONNECTED, dataPool: 'data' } },
  };
  const before = `${rw('data')}, ${ro('golden')}, ${rw('old', 'vms')}`;
  expect(await removed(new FakeCeph(pools), before, rw('vms'))).toEqual([]);
  const closed = { ...pools, old: { a: { parent: 'golden/g', dataPool: 'data' } } };
  expect(await removed(new FakeCeph(closed), before, rw('vms'))).toEqual([rw('data'), ro('golden'), rw('old')]);
});

test('a clone needs no more than to read its parent, and who may write may read', async () => {
  const pools = { vms: { a: { parent: 'other/golden' } }, other: { golden: {} } };
  expect(await removed(new FakeCeph(pools), rw('vms', 'other'), `${rw('vms')}, ${ro('other')}`)).toEqual([rw('other')]);
  expect(await removed(new FakeCeph(pools), `${rw('vms')}, ${ro('other')}`, rw('vms', 'other'))).toEqual([ro('other')]);
});

test('a grant stays where the names of the images do not arrive, as behind `kubectl exec` without -i', async () => {
  const ceph = new FakeCeph({ vms: {}, other: { a: { openBy: CONNECTED } } });
  ceph.deaf = true;
  expect(await removed(ceph, rw('vms', 'other'), rw('vms'))).toEqual([]);
  expect(ceph.said).toEqual([expect.stringContaining("it was not given the names of the images in pool 'other'")]);
});

test('a grant on a pool that is gone goes', async () => {
  expect(await removed(new FakeCeph({ vms: {} }), rw('vms', 'gone'), rw('vms'))).toEqual([rw('gone')]);
});
