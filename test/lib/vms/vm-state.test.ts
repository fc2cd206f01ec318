import type { DomainSpec } from '../../../lib/model';
import { domainXml } from '../../../lib/render/domain/domain-xml';
import { find, findAll, type XmlElement } from '../../../lib/render/xml';
import { markFor } from '../../../lib/steps/ownership/mark';
import { observeVmState } from '../../../lib/vms/vm-state';
import { DOMAIN } from '../../helpers/domain-spec';
import { FakeCeph } from '../../helpers/fake-ceph';
import { FakeLibvirt } from '../../helpers/fake-libvirt';

let ceph: FakeCeph;
beforeEach(() => {
  ceph = new FakeCeph();
  ceph.addPool('pool');
  ceph.addImage({ pool: 'pool', name: 'web1-root' }, { size: 4096, used: 1536 });
});
afterEach(() => jest.useRealTimers());

function look(spec: DomainSpec, { state = 'running (booted)', mark = markFor(DOMAIN, DOMAIN.name) } = {}) {
  const libvirt = new FakeLibvirt(() => state, domainXml(DOMAIN, JSON.stringify(mark)));
  return observeVmState(spec, { ...libvirt.tools, ceph: () => ceph.client() });
}

test('a VM is told with its disks, and what these take up', async () => {
  expect(await look(DOMAIN)).toEqual({
    vm: 'web1',
    host: 'qemu:///system',
    driver: 'virsh',
    state: 'running',
    addresses: [],
    disks: [{ target: 'vda', device: 'disk', source: 'pool/web1-root', size: 4096, used: 1536 }],
    waiting: [],
  });
});

test('the difference between what runs and what is defined waits for the next boot', async () => {
  const { waiting } = await look({ ...DOMAIN, memory: '8 GiB', machineType: 'pc' });
  expect(waiting).toEqual(['memory is 4 GiB, not 8 GiB', 'machine type is q35, not pc']);
});

test.each([
  ['a VM that is off', DOMAIN, 'shut off (shutdown)'],
  ['a VM of the provider, which replaces it', { ...DOMAIN, driver: 'provider' } as const, 'running (booted)'],
])('nothing waits for the next boot of %s', async (_, spec, state) => {
  expect((await look({ ...spec, machineType: 'pc' }, { state })).waiting).toEqual([]);
});

test.each<[string, () => void, RegExp]>([
  ['is missing', () => ceph.poolOf('pool').images.clear(), /^image 'pool\/web1-root' does not exist$/],
  ['has lost its pool', () => ceph.pools.clear(), /pool 'pool' does not exist$/],
])('a disk whose image %s has no size, and the reason', async (_, damage, problem) => {
  damage();
  const { disks } = await look(DOMAIN);
  const about = { target: 'vda', device: 'disk', source: 'pool/web1-root' };
  expect(disks).toEqual([{ ...about, problem: expect.stringMatching(problem) }]);
});

test('the image of a disk attached by hand that may belong to another cluster is not asked for its size', async () => {
  const xml = domainXml(DOMAIN, JSON.stringify(markFor(DOMAIN, DOMAIN.name)));
  const disk = find(xml, 'devices/disk') as XmlElement;
  disk.children = disk.children.filter((child) => typeof child === 'string' || child.name !== 'alias');
  findAll(disk, 'source').forEach((source) => (source.children = []));
  const libvirt = new FakeLibvirt(() => 'running (booted)', xml);
  const { disks } = await observeVmState(DOMAIN, libvirt.tools);
  expect(disks).toMatchObject([{ target: 'vda', problem: expect.stringMatching(/another cluster/) }]);
});

test.each([
  ['another stack', { owner: { ...DOMAIN.owner, stack: 'other' } }, /belongs to .*stack 'other'/],
  ['nobody of ours', { id: 'web2' }, /it does not belong to this stack/],
])('a VM of that name that %s made is marked as such, and not looked into', async (_, differs, problem) => {
  const mark = { ...markFor(DOMAIN, DOMAIN.name), entryId: 'another', ...differs };
  expect(await look(DOMAIN, { mark })).toMatchObject({ disks: [], problem: expect.stringMatching(problem) });
});
