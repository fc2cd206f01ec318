import { domainXml } from '../../../lib/render/domain/domain-xml';
import { markFor } from '../../../lib/steps/ownership/mark';
import type { Tools } from '../../../lib/steps/tools';
import { findAddresses } from '../../../lib/vms/addresses';
import { DOMAIN } from '../../helpers/domain-spec';
import { FakeLibvirt } from '../../helpers/fake-libvirt';

const MAC = '52:54:00:aa:bb:01';
const NIC = { macAddress: MAC.toUpperCase(), model: 'virtio', network: 'default' };
const VM = { ...DOMAIN, networkInterfaces: [NIC] };
const LEASE = ` vnet0      ${MAC}    ipv4         198.18.0.11/24`;
const SILENT = 'error: Guest agent is not responding: QEMU guest agent is not connected\n';

afterEach(() => jest.useRealTimers());

/** A VM in a state, and what its sources report at each look; the last report repeats. */
function host(state: string, ...looks: readonly { stdout?: string; stderr?: string }[]) {
  const libvirt = new FakeLibvirt(() => state, domainXml(VM, JSON.stringify(markFor(VM, VM.name))));
  const asked: string[] = [];
  const tools: Tools = {
    ...libvirt.tools,
    attempt: (command) => {
      const line = command.argv.join(' ');
      if (!line.includes('domifaddr')) return libvirt.tools.attempt(command);
      const look = looks[Math.min(asked.push(line), looks.length) - 1];
      return Promise.resolve({ exitCode: 1, stdout: '', stderr: '', ...look });
    },
  };
  return { tools, asked };
}

test('one call asks all sources, and the most reliable answer wins', async () => {
  const { tools, asked } = host('running (booted)', { stdout: `agentlease${LEASE}\narp`, stderr: SILENT });
  expect(await findAddresses([VM], tools)).toEqual([
    {
      vm: 'web1',
      host: 'qemu:///system',
      addresses: [{ address: '198.18.0.11', prefix: 24, mac: MAC, interface: 'vnet0', source: 'lease' }],
    },
  ]);
  expect(asked).toHaveLength(1);
  for (const source of ['agent', 'lease', 'arp'])
    expect(asked[0]).toContain(`domifaddr web1 --full --source ${source}`);
});

test("where libvirt cannot read the host's neighbours, the host itself is asked for them", async () => {
  const unread = { stdout: 'agentleasearp', stderr: `${SILENT}error: internal error: wrong nlmsg len\n` };
  const { tools, asked } = host('running (booted)', unread);
  const onHost: string[] = [];
  const attempt: Tools['attempt'] = (command) => {
    if (command.argv[0] !== 'ip') return tools.attempt(command);
    onHost.push(command.argv.join(' '));
    return Promise.resolve({ exitCode: 0, stdout: `198.18.0.12 dev br0 lladdr ${MAC} REACHABLE \n`, stderr: '' });
  };
  const addresses = [{ address: '198.18.0.12', mac: MAC, interface: 'br0', source: 'arp' }];
  expect(await findAddresses([VM], { ...tools, attempt })).toMatchObject([{ addresses }]);
  expect([asked.length, onHost]).toEqual([1, ['ip neigh show']]);
});

test('without --wait it looks once, and says why there is no address', async () => {
  const { tools, asked } = host('running (booted)', { stderr: SILENT });
  const [found] = await findAddresses([VM], tools);
  expect(found?.none).toBe(
    "the guest agent does not answer ('Guest agent is not responding: QEMU guest agent is not connected'), no DHCP lease and no neighbour of the host has its MAC address",
  );
  expect(asked).toHaveLength(1);
});

test('with --wait it looks until there is an address', async () => {
  const { tools, asked } = host('running (booted)', {}, {}, { stdout: `agentlease${LEASE}\narp` });
  expect(await findAddresses([VM], tools, 60)).toMatchObject([{ addresses: [{ source: 'lease' }] }]);
  expect(asked).toHaveLength(3);
});

test('a VM that has an address is not asked again while another is waited for', async () => {
  const { tools, asked } = host(
    'running (booted)',
    { stdout: `agentlease${LEASE}\narp` },
    {},
    { stdout: `agentleasearp${LEASE}\n` },
  );
  const found = await findAddresses([VM, { ...VM, uuid: 'another' }], tools, 60);
  expect(found).toMatchObject([{ addresses: [{ source: 'lease' }] }, { addresses: [{ source: 'arp' }] }]);
  expect(asked).toHaveLength(3);
});

test('it gives up when its time is over', async () => {
  const { tools, asked } = host('running (booted)', {});
  expect(await findAddresses([VM], tools, 10)).toMatchObject([{ addresses: [], none: expect.stringMatching(/lease/) }]);
  expect(asked).toHaveLength(6);
});

test.each([
  ['that is off', VM, 'shut off (shutdown)', 'it is shut off'],
  ['without an interface', DOMAIN, 'running (booted)', 'it has no network interface'],
])('a VM %s is not asked', async (_, spec, state, none) => {
  const libvirt = new FakeLibvirt(() => state, domainXml(spec, '{}'));
  expect(await findAddresses([spec], libvirt.tools)).toMatchObject([{ addresses: [], none }]);
  expect(libvirt.commands).toEqual([]);
});

test('fails when the host is lost in the meantime', async () => {
  const stderr = 'error: failed to connect to the hypervisor\nerror: Connection refused\n';
  await expect(findAddresses([VM], host('running (booted)', { stderr }).tools, 60)).rejects.toThrow(/refused/);
});
