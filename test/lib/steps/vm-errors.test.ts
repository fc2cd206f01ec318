import type * as model from '../../../lib/model';
import { domainXml } from '../../../lib/render/domain/domain-xml';
import { element, find, findAll, type XmlElement } from '../../../lib/render/xml';
import { disk } from '../../../lib/steps/disk';
import { domain } from '../../../lib/steps/domain';
import { DOMAIN } from '../../helpers/domain-spec';
import type { FakeCeph } from '../../helpers/fake-ceph';
import type { FakeHost } from '../../helpers/fake-host';
import type { FakeRun, Ran } from '../../helpers/fake-run';
import { fakeWorld } from '../../helpers/fake-world';
import { type Fault, testErrors } from '../../helpers/fault-tests';

const { owner, host: place, monitors, clientId, secretUsage } = DOMAIN;
// Known by name, so that nothing has to be fetched.
const cluster = { monitors: ['mon1.test'], transport: { type: 'local' as const } };

let ceph: FakeCeph;
let host: FakeHost;
let run: FakeRun;

beforeEach(async () => {
  ({ ceph, host, run } = await fakeWorld({ 'pool/web1-root': 2 ** 30 }));
});

const inUse = (name: string): void => {
  ceph.imageOf({ pool: 'pool', name }).watchers = [{ client: 7, address: '10.0.0.9:0/1' }];
};
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
    'belongs to another stack',
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
  [
    'runs and belongs to another state',
    'state-lost',
    async () => (await vm(), vm({ driver: 'provider', entryId: 'other' })),
  ],
  [
    'runs, and the provider has not deleted it',
    'vm-not-deleted',
    async () => (await vm(), vm({ driver: 'provider', uuid: '44444444-4444-5444-8444-444444444444' })),
  ],
  ['is removed with an overlay', 'disk-altered', async () => (await defined(overlay), run.remove(domain, DOMAIN))],
];

const ATTACHMENT: model.DiskAttachmentSpec = {
  ...{ v: 1, owner, entryId: 'entry', cluster, host: place, monitors, clientId, secretUsage },
  domain: 'theirs',
  target: 'vdb',
  disk: { image: 'pool/web1-data', bus: 'virtio' },
};
const theirs = (xml = domainXml({ ...DOMAIN, name: 'theirs', disks: {} }, '{}')): void => {
  ceph.addImage({ pool: 'pool', name: 'web1-data' });
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
  ['has an image that somebody has open', 'image-in-use', () => (theirs(), inUse('web1-data'), attach())],
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

testErrors('a VM', "VM 'web1'", OF_VMS);
testErrors('an attached disk', "disk vdb of VM '", OF_DISKS);
