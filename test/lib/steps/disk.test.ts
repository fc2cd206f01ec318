import type { DiskAttachmentSpec, DiskRemoval, DomainSpec } from '../../../lib/model';
import { domainXml } from '../../../lib/render/domain/domain-xml';
import { findAll, type XmlElement } from '../../../lib/render/xml';
import { disk } from '../../../lib/steps/disk';
import { domainMark } from '../../../lib/steps/domain/domain-mark';
import { DOMAIN } from '../../helpers/domain-spec';
import type { FakeCeph } from '../../helpers/fake-ceph';
import type { FakeHost } from '../../helpers/fake-host';
import type { FakeRun } from '../../helpers/fake-run';
import { fakeWorld } from '../../helpers/fake-world';

const { v, owner, host: place, cluster, monitors, clientId, secretUsage, name: vm } = DOMAIN;
const SPEC: DiskAttachmentSpec = {
  ...{ v, owner, entryId: 'entry', host: place, cluster, monitors, clientId, secretUsage },
  domain: vm,
  target: 'vdb',
  disk: { image: 'pool/data', bus: 'virtio', serial: 'data-1' },
};
const REMOVAL: DiskRemoval = { v, owner, entryId: 'entry', host: place, domain: vm, target: 'vdb', image: 'pool/data' };

let ceph: FakeCeph;
let host: FakeHost;
let run: FakeRun;

beforeEach(async () => {
  ({ ceph, host, run } = await fakeWorld({ 'pool/data': 2 ** 20, 'pool/other': 2 ** 20 }));
  const definition = domainXml({ ...DOMAIN, disks: {} }, '{}');
  host.domains.set(vm, { definition, live: structuredClone(definition), autostart: false, state: 'running (booted)' });
});

const images = (tree: XmlElement | undefined): unknown[] =>
  tree ? findAll(tree, 'devices/disk/source').map(({ attributes }) => attributes['name']) : [];
/** In the definition and in the running VM. */
const attachedImages = (): unknown[][] => {
  const { definition, live } = host.domains.get(vm) ?? {};
  return [definition, live].map(images);
};

test('attaches a disk to the definition and to the running VM, and then one virsh call finds no difference', async () => {
  expect(await run.ensure(disk, SPEC)).not.toHaveProperty('failed');
  expect(attachedImages()).toEqual([['pool/data'], ['pool/data']]);
  host.calls.length = 0;
  expect(await run.ensure(disk, SPEC)).toEqual({ said: [] });
  expect(host.calls).toHaveLength(1);
});

test('replaces a disk with a different field in the definition at once, and in the running VM at its next boot', async () => {
  await run.ensure(disk, SPEC);
  const changed = { ...SPEC, disk: { ...SPEC.disk, serial: 'data-2' } };
  const { said } = await run.ensure(disk, changed);
  expect(said.join()).toContain(
    "disk vdb of VM 'web1': in the running VM, serial is data-1, not data-2; it takes effect at the VM's next boot",
  );
  expect(await run.verify(disk, changed)).toEqual([]);
});

test.each<[string, () => void, string]>([
  ['the VM does not exist', () => host.domains.clear(), 'the VM does not exist on its host; define it first'],
  [
    'the image is missing',
    () => ceph.poolOf('pool').images.delete('data'),
    "image 'pool/data' is missing; create it first",
  ],
  ['its pool is missing', () => ceph.pools.clear(), "image 'pool/data' is missing; create it first"],
  [
    'somebody has it open',
    () =>
      Object.assign(ceph.imageOf({ pool: 'pool', name: 'data' }), {
        watchers: [{ client: 7, address: '10.0.0.9:0/1' }],
      }),
    "image 'pool/data' cannot be attached: it is in use by client.7 at 10.0.0.9:0/1",
  ],
])('fails when %s, and attaches nothing', async (_, damage, told) => {
  damage();
  expect((await run.ensure(disk, SPEC)).failed).toContain(told);
  expect(attachedImages().flat()).toEqual([]);
});

test('fails when another disk has the target', async () => {
  await run.ensure(disk, { ...SPEC, owner: { ...owner, stack: 'other' } });
  expect((await run.ensure(disk, SPEC)).failed).toContain(
    'the VM has another disk at this target (pool/data); choose another',
  );
});

test('takes a disk back after a lost state, says so, and its old entry detaches nothing', async () => {
  await run.ensure(disk, { ...SPEC, entryId: 'lost' });
  expect((await run.ensure(disk, SPEC)).said.join()).toContain("is taken back from the entry 'lost'");
  expect((await run.remove(disk, { ...REMOVAL, entryId: 'lost' })).said).toEqual([
    "VM 'web1': disk vdb is kept, because this entry did not attach it",
  ]);
  expect(attachedImages()).toEqual([['pool/data'], ['pool/data']]);
});

test('detaches a disk with its entry from the definition and the running VM, drops its mark, and does nothing again', async () => {
  await run.ensure(disk, SPEC);
  expect(await run.remove(disk, REMOVAL)).not.toHaveProperty('failed');
  expect(attachedImages()).toEqual([[], []]);
  expect(JSON.stringify(host.domains.get(vm))).not.toContain('entry');
  expect(await run.remove(disk, REMOVAL)).toEqual({ said: [] });
});

describe('A data disk of a VM of ours', () => {
  /** Whose mark names this entry for the disk; with PROVIDER none. */
  const define = (diskEntryId?: string): void => {
    const spec: DomainSpec = {
      ...DOMAIN,
      disks: { vdb: { image: 'pool/data', bus: 'virtio' } },
      ...(diskEntryId === undefined ? {} : { diskEntryIds: { vdb: diskEntryId } }),
    };
    const definition = domainXml(spec, JSON.stringify(domainMark(spec)));
    host.domains.set(vm, {
      definition,
      live: structuredClone(definition),
      autostart: false,
      state: 'running (booted)',
    });
  };

  test('is detached by the entry that the mark names', async () => {
    define('entry');
    expect(await run.remove(disk, REMOVAL)).not.toHaveProperty('failed');
    expect(attachedImages()).toEqual([[], []]);
  });

  test.each([['another entry'], [undefined]])('is kept when the mark names %s', async (entry) => {
    define(entry);
    const { said } = await run.remove(disk, REMOVAL);
    expect(said).toEqual(["VM 'web1': disk vdb is kept, because this entry did not attach it"]);
    expect(attachedImages()).toEqual([['pool/data'], ['pool/data']]);
  });
});
