import { renderAddresses } from '../../../lib/cli/addresses-command';
import type { Session } from '../../../lib/cli/command-session';
import { renderVms, vms } from '../../../lib/cli/vms';
import type { Tools } from '../../../lib/steps/tools';
import { DOMAIN } from '../../helpers/domain-spec';

const ADDRESS = {
  address: '10.0.0.5',
  prefix: 24,
  mac: '52:54:00:00:00:01',
  interface: 'enp1s0',
  source: 'agent',
} as const;
const DISK = { target: 'vda', device: 'disk', source: 'vms/web1-root', size: 20 * 2 ** 30, used: 2 ** 29 };
const VM = { vm: 'web1', host: 'qemu:///system', driver: 'virsh', state: 'running' } as const;

test('a VM takes as many rows as it has addresses, disks or pending changes', () => {
  const one = {
    ...VM,
    addresses: [ADDRESS, { ...ADDRESS, address: 'fd00::5' }],
    disks: [DISK, { target: 'sda', device: 'cdrom' }],
    waiting: ['vcpus are 1, not 2'],
  };
  const off = { ...VM, vm: 'web2', state: 'shut off', addresses: [], disks: [], waiting: [] };
  expect(renderVms([one, off])).toEqual([
    'VM    HOST            STATE     ADDRESS   SOURCE  DISK  SIZE    USED     NEXT BOOT',
    'web1  qemu:///system  running   10.0.0.5  agent   vda   20 GiB  512 MiB  vcpus are 1, not 2',
    '                                fd00::5   agent   sda   -       -',
    'web2  qemu:///system  shut off  -',
  ]);
});

test('remarks appear below the table', () => {
  const disks = [{ target: 'vda', device: 'disk', source: 'vms/gone', problem: "'rbd du' ended with 2: gone" }];
  const lines = renderVms([{ ...VM, addresses: [], disks, waiting: [], problem: 'it does not belong to this stack' }]);
  expect(lines.slice(2)).toEqual([
    "VM 'web1': it does not belong to this stack",
    "VM 'web1': disk vda: 'rbd du' ended with 2: gone",
  ]);
  expect(renderVms([])).toEqual(['the stack has no VM']);
});

test('addresses appear with their source, and a VM without one appears with the reason', () => {
  const found = [
    { vm: 'web1', host: 'qemu:///system', addresses: [ADDRESS] },
    { vm: 'web2', host: 'qemu:///system', addresses: [], none: 'it is shut off' },
  ];
  expect(renderAddresses(found)).toEqual([
    'VM    ADDRESS   SOURCE  INTERFACE  MAC',
    'web1  10.0.0.5  agent   enp1s0     52:54:00:00:00:01',
    "VM 'web2' has no address yet: it is shut off",
  ]);
});

test('an unreachable host hides none of the others, and what was never applied is named', async () => {
  const tools: Partial<Tools> = {
    attempt: ({ argv }) =>
      Promise.resolve({
        exitCode: 1,
        stdout: '',
        stderr: argv.join(' ').includes('kvm1') ? 'error: failed to connect' : "error: failed to get domain 'web1'",
      }),
  };
  const lost = { ...DOMAIN, host: { ...DOMAIN.host, uri: 'qemu+ssh://kvm1/system' } };
  const objects = {
    applied: [lost, DOMAIN].map((spec) => ({ kind: 'domain', name: spec.name, spec })),
    missing: [{ name: 'web3', kind: 'domain' }],
  };
  const session = { tools, objects: () => Promise.resolve(objects) } as unknown as Session;
  expect(await vms(session)).toMatchObject({
    finding: true,
    json: [
      { state: 'unknown', problem: expect.stringMatching(/failed to connect/) },
      { state: 'missing', problem: 'its host has no VM of that name' },
      { vm: 'web3', state: 'not applied' },
    ],
  });
});
