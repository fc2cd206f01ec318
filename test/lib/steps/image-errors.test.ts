import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as model from '../../../lib/model';
import { rbdImage } from '../../../lib/steps/rbd-image';
import { rbdSnapshot } from '../../../lib/steps/rbd-snapshot';
import { DOMAIN } from '../../helpers/domain-spec';
import type { FakeCeph } from '../../helpers/fake-ceph';
import type { FakeRun, Ran } from '../../helpers/fake-run';
import { fakeWorld } from '../../helpers/fake-world';
import { type Fault, testErrors } from '../../helpers/fault-tests';

const { owner } = DOMAIN;
// Known by name, so that nothing has to be fetched.
const cluster = { monitors: ['mon1.test'], transport: { type: 'local' as const } };
const folder = mkdtempSync(join(tmpdir(), 'errors-'));
const inFolder = (name: string): string => join(folder, name);
const MARK = 'cdktf-libvirt-ceph';
const base = { v: 1, owner, entryId: 'entry', cluster } as const;
const named = { pool: 'pool', name: 'web1-data' };

let ceph: FakeCeph;
let run: FakeRun;

beforeEach(async () => {
  ({ ceph, run } = await fakeWorld({ 'pool/web1-root': 2 ** 30 }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const markOf = (stack: string, id: string) => ({
  [MARK]: JSON.stringify({ v: 1, owner: { ...owner, stack }, id, entryId: stack === owner.stack ? 'entry' : 'theirs' }),
});
const image = (more: Partial<model.RbdImageSpec> = {}): Promise<Ran> =>
  run.ensure(rbdImage, { ...base, ...named, source: { blank: true }, size: '1 GiB', ...more });
const removal = (removalPolicy: model.RbdImageRemoval['removalPolicy'] = 'delete'): Promise<Ran> =>
  run.remove(rbdImage, { ...base, ...named, removalPolicy });
/** It exists and belongs to this entry. */
const made = (more: object = {}) => ceph.addImage(named, { id: '1', metadata: markOf(owner.stack, '1'), ...more });
const inUse = (name = named.name): void => {
  ceph.imageOf({ pool: 'pool', name }).watchers = [{ client: 7, address: '10.0.0.9:0/1' }];
};
function file(content: string | Buffer, name = 'disk.img'): model.RbdImageSpec['source'] {
  writeFileSync(inFolder(name), content);
  return { file: inFolder(name) };
}
/** What qemu-img reports about a file. */
function qemuImg(info: object, check = ''): void {
  run.answer = ({ argv }) => {
    if (argv[1] === 'check') return { exitCode: check === '' ? 0 : 2, stdout: '', stderr: check };
    return JSON.stringify({ format: 'qcow2', 'virtual-size': 2 ** 30, ...info });
  };
}

const OF_IMAGES: readonly Fault[] = [
  ['has no size', 'image-size-missing', () => image({ size: undefined })],
  ['is in an unknown pool', 'pool-missing', () => (ceph.pools.clear(), image())],
  ['would be made smaller', 'image-shrinks', () => (made({ size: 2 ** 31 }), image())],
  ['was not made by us', 'unmarked', () => (ceph.addImage(named), image())],
  ['belongs to another stack', 'foreign-owner', () => (made({ metadata: markOf('other', '1') }), image())],
  ['was migrated', 'mark-of-another', () => (made({ id: '2' }), image())],
  ['is being migrated', 'image-migrating', () => (made({ features: ['migrating'] }), image())],
  ['is the copy of a mirror', 'image-mirrored', () => (made({ mirroring: { primary: false } }), image())],
  [
    'is in the trash',
    'image-in-trash',
    async () => {
      made();
      await removal('trash');
      return image();
    },
  ],
  [
    'would have its data elsewhere',
    'data-pool-default',
    () => {
      ceph.before = ({ method }) => {
        if (method === 'image') ceph.poolOf('pool').images.forEach((one) => (one.dataPool = 'd2'));
      };
      return image();
    },
  ],
  [
    'is open while it is made',
    'image-in-use',
    () => {
      ceph.before = ({ method, params }) => {
        if (method === 'watchers') inUse(params['name'] as string);
      };
      return image();
    },
  ],
  ['has no file', 'file-missing', () => image({ source: { file: inFolder('none.img') } })],
  [
    'has a folder for a file',
    'file-no-image',
    () => (mkdirSync(inFolder('f')), image({ source: { file: inFolder('f') } })),
  ],
  ['has a file of odd length', 'file-no-image', () => (qemuImg({ format: 'raw' }), image({ source: file('text') }))],
  [
    'has an archive for a file',
    'file-no-image',
    () => image({ source: file(Buffer.concat([Buffer.alloc(257), Buffer.from('ustar'), Buffer.alloc(250)])) }),
  ],
  [
    'has a file that is not of its declared format',
    'file-no-image',
    () => {
      const stderr = `qemu-img: Could not open '${inFolder('disk.img')}': Image is not in qcow2 format`;
      run.answer = () => ({ exitCode: 1, stdout: '', stderr });
      return image({ source: { ...file('text'), format: 'qcow2' } });
    },
  ],
  ['has an encrypted file', 'file-encrypted', () => (qemuImg({ encrypted: true }), image({ source: file('QFI') }))],
  ['has a damaged file', 'file-damaged', () => (qemuImg({}, 'qemu-img: Check failed'), image({ source: file('QFI') }))],
  [
    'has a file that needs another one',
    'file-refers',
    () => (qemuImg({ 'backing-filename': '/b' }), image({ source: file('QFI') })),
  ],
  ['has the wrong file', 'checksum-wrong', () => image({ source: { ...file('text'), sha256: '0'.repeat(64) } })],
  [
    'has a file that is larger than its size',
    'image-shrinks',
    () => (qemuImg({ 'virtual-size': 2 ** 31 }), image({ source: file('QFI') })),
  ],
  ['has no parent', 'parent-missing', () => image({ source: { clone: 'pool/golden' } })],
  [
    'would be smaller than its parent',
    'image-shrinks',
    () => image({ source: { clone: 'pool/web1-root' }, size: '0.5 GiB' }),
  ],
  ['is a seed without its text', 'seed-text', () => image({ source: { seed: { files: {} } }, seedFile: '/none.json' })],
  [
    'is a seed without its values',
    'seed-variables',
    () => image({ source: { seed: { files: {}, variables: 2 } }, seedFile: '/none.json' }),
  ],
  ['is not a seed', 'not-a-seed', () => (made(), image({ source: { seed: { files: {} } }, size: undefined }))],
  ['is removed while it is open', 'image-in-use', () => (made(), inUse(), removal())],
  [
    'is removed while it has snapshots',
    'image-has-snapshots',
    () => (made({ snapshots: [{ id: 4, name: 'monday', namespace: 'user', size: 1 }] }), removal()),
  ],
  [
    'is removed while it is in a group',
    'image-managed',
    () => (made({ group: { pool: 'pool', name: 'g' } }), removal()),
  ],
  ['is removed while it is mirrored', 'image-managed', () => (made({ mirroring: { primary: true } }), removal())],
];

const SNAPSHOT: model.RbdSnapshotSpec = { ...base, pool: 'pool', image: 'web1-data', name: 'monday' };
const snap = (): Promise<Ran> => run.ensure(rbdSnapshot, SNAPSHOT);
const TAKEN = { snapshots: [{ id: 4, name: 'monday', namespace: 'user', size: 1 }] };

const OF_SNAPSHOTS: readonly Fault[] = [
  ['has no image', 'image-missing', () => snap()],
  ['has no pool', 'pool-missing', () => (ceph.pools.clear(), snap())],
  ['was not taken by us', 'unmarked', () => (made(TAKEN), snap())],
  ['is of an image that is being migrated', 'image-migrating', () => (made({ features: ['migrating'] }), snap())],
];

testErrors('an image', "image 'pool/web1-data'", OF_IMAGES);
testErrors('a snapshot', "snapshot 'pool/web1-data@monday'", OF_SNAPSHOTS);
