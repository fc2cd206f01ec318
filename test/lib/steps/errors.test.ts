import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as model from '../../../lib/model';
import { domainXml } from '../../../lib/render/domain/domain-xml';
import { element, find, findAll, type XmlElement } from '../../../lib/render/xml';
import { disk } from '../../../lib/steps/disk';
import { domain } from '../../../lib/steps/domain';
import { rbdImage } from '../../../lib/steps/rbd-image';
import { rbdSnapshot } from '../../../lib/steps/rbd-snapshot';
import { DOMAIN } from '../../helpers/domain-spec';
import type { FakeCeph } from '../../helpers/fake-ceph';
import type { FakeHost } from '../../helpers/fake-host';
import type { FakeRun, Ran } from '../../helpers/fake-run';
import { fakeWorld } from '../../helpers/fake-world';

const { owner, host: place, monitors, clientId, secretUsage } = DOMAIN;
// Known by name, so that nothing has to be fetched.
const cluster = { monitors: ['mon1.test'], transport: { type: 'local' as const } };
const folder = mkdtempSync(join(tmpdir(), 'errors-'));
const inFolder = (name: string): string => join(folder, name);
const MARK = 'cdktf-libvirt-ceph';
const base = { v: 1, owner, entryId: 'entry', cluster } as const;
const named = { pool: 'pool', name: 'web1-data' };

let ceph: FakeCeph;
let host: FakeHost;
let run: FakeRun;

beforeEach(async () => {
  ({ ceph, host, run } = await fakeWorld({ 'pool/web1-root': 2 ** 30 }));
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

type Fault = readonly [what: string, code: string, meet: () => Promise<Ran>];

const OF_IMAGES: readonly Fault[] = [
  ['has no size', 'image-size-missing', () => image({ size: undefined })],
  ['is in an unknown pool', 'pool-missing', () => (ceph.pools.clear(), image())],
  ['would be made smaller', 'image-shrinks', () => (made({ size: 2 ** 31 }), image())],
  ['was not made by us', 'unmarked', () => (ceph.addImage(named), image())],
  ["is another stack's", 'foreign-owner', () => (made({ metadata: markOf('other', '1') }), image())],
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
    'has a part of a disk',
    'file-refers',
    () => (qemuImg({ 'backing-filename': '/b' }), image({ source: file('QFI') })),
  ],
  ['has the wrong file', 'checksum-wrong', () => image({ source: { ...file('text'), sha256: '0'.repeat(64) } })],
  [
    'has a file that is larger',
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
  ['is no seed', 'not-a-seed', () => (made(), image({ source: { seed: { files: {} } }, size: undefined }))],
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

const vm = (more: Partial<model.DomainSpec> = {}): Promise<Ran> => run.ensure(domain, { ...DOMAIN, cluster, ...more });
/** Defined as by the stack, with `change` made by hand. */
async function defined(change: (xml: XmlElement) => void, state = 'shut off (shutdown)'): Promise<void> {
  await vm();
  const found = host.domains.get('web1');
  if (found?.definition === undefined) throw new Error('it was not defined');
  change(found.definition);
  if (state.startsWith('shut off')) delete found.live;
  else found.live = structuredClone(found.definition);
  found.state = state;
}
const overlay = (xml: XmlElement): void => {
  const [vda] = findAll(xml, 'devices/disk');
  vda?.children.push(
    element('backingStore', { type: 'network' }, element('source', { protocol: 'rbd', name: 'pool/base' })),
  );
};
const withoutMark = (xml: XmlElement): void =>
  void (xml.children = xml.children.filter((one) => one !== find(xml, 'metadata')));
const sayOf = (command: string, said: string): void => {
  host.before = (line) => {
    if (line.startsWith(command)) throw new Error(said);
  };
};

const OF_VMS: readonly Fault[] = [
  ['lacks an image', 'image-missing', () => (ceph.poolOf('pool').images.clear(), vm())],
  [
    'has a locked image',
    'image-locked',
    () => {
      ceph.imageOf({ pool: 'pool', name: 'web1-root' }).locks = [
        { client: 'client.9', cookie: 'by-hand', address: '10.0.0.9:0/1', kind: 'exclusive', tag: '' },
      ];
      return vm();
    },
  ],
  ['has an image that somebody has open', 'image-in-use', () => (inUse('web1-root'), vm())],
  ['was not made by us', 'unmarked', async () => (await defined(withoutMark), vm())],
  [
    "is another stack's",
    'foreign-owner',
    async () => (await defined(() => undefined), vm({ owner: { ...owner, stack: 'b' }, entryId: 'b' })),
  ],
  ['has a disk with an overlay', 'disk-altered', async () => (await defined(overlay), vm())],
  ['asks for what its host lacks', 'host-cannot', () => (sayOf('domcapabilities', 'no emulator'), vm())],
  ['is refused by libvirt', 'tool-failed', () => (sayOf('define', 'XML error: no'), vm())],
  [
    'has XML that libvirt refuses',
    'xml-refused',
    () => (
      sayOf('define', "XML document failed to validate against schema: no\nerror: Element 'x' is not expected"),
      vm({ xml: [{ fragment: '<x/>' }] })
    ),
  ],
  [
    'has another firmware',
    'firmware-variables',
    async () => {
      const uefi = { firmware: 'uefi' } as const;
      await vm(uefi);
      const os = find(host.domains.get('web1')?.definition as XmlElement, 'os');
      os?.children.push(element('nvram', {}, '/var/lib/libvirt/qemu/nvram/web1_VARS.fd'));
      return vm({ firmware: 'uefi-secure-boot' });
    },
  ],
  ['does not start', 'tool-failed', () => (sayOf('start', 'internal error: process exited'), vm())],
  ['runs, of another state', 'state-lost', async () => (await vm(), vm({ driver: 'provider', entryId: 'other' }))],
  [
    'runs, and the provider has not deleted it',
    'vm-not-deleted',
    async () => (await vm(), vm({ driver: 'provider', uuid: '44444444-4444-5444-8444-444444444444' })),
  ],
  ['is removed with an overlay', 'disk-altered', async () => (await defined(overlay), run.remove(domain, DOMAIN))],
];

const ATTACHMENT: model.DiskAttachmentSpec = {
  ...{ ...base, host: place, monitors, clientId, secretUsage },
  domain: 'theirs',
  target: 'vdb',
  disk: { image: 'pool/web1-data', bus: 'virtio' },
};
const theirs = (xml = domainXml({ ...DOMAIN, name: 'theirs', disks: {} }, '{}')): void => {
  ceph.addImage(named);
  host.domains.set('theirs', { definition: xml, autostart: false, state: 'shut off (shutdown)' });
};
const attach = (): Promise<Ran> => run.ensure(disk, ATTACHMENT);

const OF_DISKS: readonly Fault[] = [
  ['has no VM', 'vm-missing', () => attach()],
  ['has no image', 'image-missing', () => (theirs(), ceph.poolOf('pool').images.clear(), attach())],
  [
    'has a VM of the stack itself',
    'vm-of-this-project',
    async () => (await vm(), run.ensure(disk, { ...ATTACHMENT, domain: 'web1' })),
  ],
  [
    'finds its target taken',
    'disk-target-taken',
    () => {
      const disks = { vdb: { image: 'pool/other', bus: 'virtio' as const } };
      theirs(domainXml({ ...DOMAIN, name: 'theirs', disks }, '{}'));
      return attach();
    },
  ],
  ['has an image that somebody has open', 'image-in-use', () => (theirs(), inUse(), attach())],
  [
    'was given an overlay',
    'disk-altered',
    async () => {
      theirs();
      await attach();
      overlay(host.domains.get('theirs')?.definition as XmlElement);
      return attach();
    },
  ],
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

describe.each([
  ["image 'pool/web1-data'", OF_IMAGES],
  ["VM 'web1'", OF_VMS],
  ["disk vdb of VM '", OF_DISKS],
  ["snapshot 'pool/web1-data@monday'", OF_SNAPSHOTS],
])('An error about %s starts with its code, names it once and repeats nothing', (title, faults) => {
  test.each(faults)('when it %s', async (_, code, meet) => {
    const { line = 'nothing failed' } = await meet();
    expect(line.startsWith(`error[${code}]: ${title}`)).toBe(true);
    // What is wrong, then what to do next.
    expect(line).toMatch(/^[^;]+; .+[^\]]$/);
  });
});
