import type { DomainSpec } from '../../../lib/model';
import { domainXml } from '../../../lib/render/domain/xml';
import { find, findAll, type XmlElement } from '../../../lib/render/xml';
import { markFor } from '../../../lib/steps/ownership/mark';
import type { Tools } from '../../../lib/steps/tools';
import { parseUse } from '../../../lib/vms/disk-use';
import { lookAtState } from '../../../lib/vms/look';
import { DOMAIN } from '../../helpers/domain-spec';
import { FakeLibvirt } from '../../helpers/fake-libvirt';

const USE = {
  images: [
    { name: 'web1-root', snapshot: 'monday', provisioned_size: 2048, used_size: 512 },
    { name: 'web1-root', provisioned_size: 4096, used_size: 1024 },
  ],
};

afterEach(() => jest.useRealTimers());

function look(spec: DomainSpec, { state = 'running (booted)', mark = markFor(DOMAIN, DOMAIN.name), du = {} } = {}) {
  const libvirt = new FakeLibvirt(() => state, domainXml(DOMAIN, JSON.stringify(mark)));
  const tools: Tools = {
    ...libvirt.tools,
    attempt: (command) =>
      command.argv.includes('du')
        ? Promise.resolve({ exitCode: 0, stdout: JSON.stringify(USE), stderr: '', ...du })
        : libvirt.tools.attempt(command),
  };
  return lookAtState(spec, tools);
}

test('a VM is told with its disks, whose use counts their snapshots', async () => {
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

test('what runs and is no longer what is defined waits for the next boot', async () => {
  const { waiting } = await look({ ...DOMAIN, memory: '8 GiB', machineType: 'pc' });
  expect(waiting).toEqual(['memory is 4 GiB, not 8 GiB', 'machine type is q35, not pc']);
});

test.each([
  ['a VM that is off', DOMAIN, 'shut off (shutdown)'],
  ['a VM of the provider, which replaces it', { ...DOMAIN, driver: 'provider' } as const, 'running (booted)'],
])('nothing waits for the next boot of %s', async (_, spec, state) => {
  expect((await look({ ...spec, machineType: 'pc' }, { state })).waiting).toEqual([]);
});

test('a disk whose image cannot be read has no size, and the reason', async () => {
  const du = { exitCode: 2, stdout: '', stderr: 'rbd: error opening image web1-root: (2) No such file or directory\n' };
  const { disks } = await look(DOMAIN, { du });
  expect(disks).toEqual([
    {
      target: 'vda',
      device: 'disk',
      source: 'pool/web1-root',
      problem: expect.stringMatching(/No such file or directory/),
    },
  ]);
});

test('the image of a disk that was attached by hand and may be of another cluster is not asked for its size', async () => {
  const xml = domainXml(DOMAIN, JSON.stringify(markFor(DOMAIN, DOMAIN.name)));
  const disk = find(xml, 'devices/disk') as XmlElement;
  disk.children = disk.children.filter((child) => typeof child === 'string' || child.name !== 'alias');
  findAll(disk, 'source').forEach((source) => (source.children = []));
  const libvirt = new FakeLibvirt(() => 'running (booted)', xml);
  const { disks } = await lookAtState(DOMAIN, libvirt.tools);
  expect(disks).toMatchObject([{ target: 'vda', problem: expect.stringMatching(/another cluster/) }]);
});

test.each([
  ['another stack', { owner: { ...DOMAIN.owner, stack: 'other' } }, /belongs to .*stack 'other'/],
  ['nobody of ours', { id: 'web2' }, /none that this stack made/],
])('a VM of that name that %s made is named so, and not looked into', async (_, differs, problem) => {
  const mark = { ...markFor(DOMAIN, DOMAIN.name), entryId: 'another', ...differs };
  expect(await look(DOMAIN, { mark })).toMatchObject({ disks: [], problem: expect.stringMatching(problem) });
});

test('an image without snapshots is one line', () => {
  expect(parseUse('{"images":[{"name":"a","provisioned_size":8,"used_size":0}]}')).toEqual({ size: 8, used: 0 });
});
