import { askedOnce } from '../../../lib/cli/asked-once';
import type { Ceph } from '../../../lib/ceph';
import { virsh } from '../../../lib/steps/commands';
import { FakeCeph } from '../../helpers/fake-ceph';
import { FakeHost } from '../../helpers/fake-host';
import { FakeRun } from '../../helpers/fake-run';

const HOST = { uri: 'qemu:///system', transport: { type: 'local' } } as const;
const CLUSTER = { monitors: ['mon1'], transport: { type: 'local' } } as const;

test('what several objects ask alike is asked once, also when they ask for more than the request takes', async () => {
  const host = new FakeHost();
  const image = jest.fn(({ name }: { name: string }) => Promise.resolve(name === 'web1' ? { id: '1' } : undefined));
  const client = { image } as unknown as Ceph;
  const tools = askedOnce({ ...new FakeRun(new FakeCeph(), host).tools, ceph: () => client });
  const asked = [
    { pool: 'vms', name: 'web1' },
    { pool: 'vms', name: 'web1', size: '1 GiB' },
  ];
  const [one, other] = await Promise.all(asked.map((of) => tools.ceph(CLUSTER).image(of)));
  expect(one).toMatchObject({ id: '1' });
  expect(other).toBe(one);
  expect(image).toHaveBeenCalledTimes(1);
  expect(await tools.ceph(CLUSTER).image({ pool: 'vms', name: 'web2' })).toBeUndefined();
  for (let i = 0; i < 3; i++) await tools.run(virsh(HOST, 'list', '--name'));
  expect(host.calls).toEqual(['list --name']);
});

test('what is given input is run each time', async () => {
  const host = new FakeHost();
  const tools = askedOnce(new FakeRun(new FakeCeph(), host).tools);
  const input = "<domain type='qemu'><name>web1</name><uuid>d</uuid></domain>";
  for (let i = 0; i < 2; i++) await tools.run(virsh(HOST, 'define', '/dev/stdin'), { input });
  expect(host.calls).toHaveLength(2);
});
