import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runSteps } from '../../../lib/exec/run-steps';
import type { DiskSpec, DomainSpec, NetworkInterfaceSpec } from '../../../lib/model';
import { domainXml } from '../../../lib/render/domain/domain-xml';
import { element, find } from '../../../lib/render/xml';
import { domain } from '../../../lib/steps/domain';
import { markFor } from '../../../lib/steps/ownership/mark';
import { stepsOf } from '../../../lib/steps/step';
import { DOMAIN } from '../../helpers/domain-spec';
import { FakeLibvirt } from '../../helpers/fake-libvirt';

// The rows of docs/changes.md about a running VM, with VIRSH: its definition already has the change.

const ROOT = join(__dirname, '../../..');
/** Rows about other objects, or about states instead of definitions, with their tests. */
const ELSEWHERE: { readonly [row: string]: string } = {
  'RbdBackedVmProps.vmName': 'test/constructs/rbd-backed-vm.test.ts',
  'RbdBackedVmProps.cloudInit': 'test/e2e/cloud-init.test.ts',
  'RbdBackedVmProps.ignition': 'test/e2e/cloud-init.test.ts',
  'RbdBackedVmProps.running': 'test/lib/steps/domain-power.test.ts',
  'RbdBackedVmProps.autostart': 'test/lib/steps/domain-power.test.ts',
  'RbdBackedVmProps.shutdownTimeout': 'test/constructs/rbd-backed-vm.test.ts',
  'RbdBackedVmProps.restartPolicy': 'test/lib/steps/domain.test.ts',
  'RbdBackedVmProps.rootDisk': 'test/lib/steps/domain-changes.test.ts',
  'RbdBackedVmProps.enrolledKeys': 'test/lib/steps/domain-machine.test.ts',
  'VmDiskProps.source': 'test/lib/steps/rbd-image.test.ts',
  'VmDiskProps.size': 'test/e2e/steps/rbd-image-users.test.ts',
};

const NIC: NetworkInterfaceSpec = { macAddress: '52:54:00:aa:bb:01', model: 'virtio', network: 'default' };
const BRIDGE: NetworkInterfaceSpec = { macAddress: NIC.macAddress, model: 'virtio', bridge: 'br0' };
const DATA: DiskSpec = { image: 'pool/data', bus: 'virtio' };
const disks = (vdb: Partial<DiskSpec>): Partial<DomainSpec> => ({
  disks: { ...DOMAIN.disks, vdb: { ...DATA, ...vdb } },
});
const scsi = (more: Partial<DiskSpec>) => ({
  disks: { ...DOMAIN.disks, sdh: { ...DATA, bus: 'scsi' as const, ...more } },
});
const cd = (image: string) => ({ disks: { ...DOMAIN.disks, sda: { image, bus: 'sata' as const, cdrom: true } } });
const nics = (more: Partial<NetworkInterfaceSpec>, base = NIC) => ({ networkInterfaces: [{ ...base, ...more }] });

type Change = Partial<DomainSpec>;
const NEXT_BOOT: readonly (readonly [row: string, before: Change, after: Change])[] = [
  ['RbdBackedVmProps.storage', {}, { secretUsage: 'another' }],
  ['RbdBackedVmProps.secret', {}, { clientId: 'another' }],
  ['RbdBackedVmProps.vcpus', {}, { vcpus: 3 }],
  ['RbdBackedVmProps.maxVcpus', {}, { maxVcpus: 4 }],
  ['RbdBackedVmProps.memory', {}, { memory: '8 GiB' }],
  ['RbdBackedVmProps.maxMemory', {}, { maxMemory: '8 GiB' }],
  ['RbdBackedVmProps.domainType', {}, { domainType: 'qemu' }],
  ['RbdBackedVmProps.machineType', {}, { machineType: 'pc' }],
  ['RbdBackedVmProps.cpuMode', {}, { cpuMode: 'host-passthrough' }],
  ['RbdBackedVmProps.cpuModel', {}, { cpuModel: 'Nehalem' }],
  ['RbdBackedVmProps.architecture', {}, { architecture: 'aarch64' }],
  ['RbdBackedVmProps.firmware', {}, { firmware: 'uefi' }],
  ['RbdBackedVmProps.nvram', { firmware: 'uefi', nvram: 'pool/a' }, { firmware: 'uefi', nvram: 'pool/b' }],
  ['RbdBackedVmProps.cpuTopology', {}, { cpuTopology: { sockets: 1, cores: 2, threads: 1 } }],
  ['RbdBackedVmProps.cpuFeatures', {}, { cpuFeatures: { vmx: false } }],
  ['RbdBackedVmProps.hugePageSize', {}, { hugePageSize: '2 MiB' }],
  ['RbdBackedVmProps.ballooning', {}, { ballooning: false }],
  ['RbdBackedVmProps.tpm', {}, { tpm: true }],
  ['RbdBackedVmProps.ignitionFile', {}, { ignitionFile: '/etc/libvirt/core1.ign' }],
  ['RbdBackedVmProps.serialLogFile', {}, { serialLogFile: '/var/log/guests/web1.log' }],
  ['RbdBackedVmProps.vnc', {}, { vnc: true }],
  ['RbdBackedVmProps.spice', {}, { spice: true }],
  ['RbdBackedVmProps.guestAgent', {}, { guestAgent: true }],
  ['RbdBackedVmProps.rng', { rng: false }, { rng: true }],
  ['RbdBackedVmProps.watchdog', {}, { watchdog: 'reset' }],
  ['VmDiskProps.image', disks({}), disks({ image: 'pool/other' })],
  ['VmDiskProps.bus', scsi({}), scsi({ bus: 'sata' })],
  ['VmDiskProps.cdrom', scsi({}), scsi({ cdrom: true })],
  ['VmDiskProps.readOnly', disks({}), disks({ readOnly: true })],
  ['VmDiskProps.serial', disks({}), disks({ serial: 'data' })],
  ['VmDiskProps.bootIndex', disks({}), disks({ bootIndex: 2 })],
  ['VmDiskProps.cache', disks({}), disks({ cache: 'none' })],
  ['VmDiskProps.discard', disks({}), disks({ discard: false })],
  ['VmDiskProps.detectZeroes', disks({}), disks({ detectZeroes: false })],
  ['VmDiskProps.wwn', scsi({}), scsi({ wwn: '5000c500a1b2c3d4' })],
  ['VmDiskProps.queues', disks({}), disks({ queues: 4 })],
  ['NetworkInterfaceProps.source', nics({}, BRIDGE), nics({ openVSwitch: DOMAIN.uuid }, BRIDGE)],
  ['NetworkInterfaceProps.model', nics({}), nics({ model: 'e1000e' })],
  ['NetworkInterfaceProps.queues', nics({}), nics({ queues: 2 })],
  ['NetworkInterfaceProps.mtu', nics({}), nics({ mtu: 9000 })],
  ['NetworkInterfaceProps.bootIndex', nics({}), nics({ bootIndex: 1 })],
];

const LIVE: readonly (readonly [row: string, before: Change, after: Change, commands: readonly RegExp[]])[] = [
  ['RbdBackedVmProps.vcpus', { maxVcpus: 8 }, { maxVcpus: 8, vcpus: 4 }, [/^setvcpus web1 4 --live$/]],
  [
    'RbdBackedVmProps.memory',
    { maxMemory: '8 GiB' },
    { maxMemory: '8 GiB', memory: '6 GiB' },
    [/^setmem web1 6291456/],
  ],
  ['RbdBackedVmProps.dataDisks', {}, disks({}), [/^attach-device web1 .* --live$/]],
  ['RbdBackedVmProps.dataDisks', disks({}), {}, [/^detach-disk web1 vdb --live$/]],
  ['RbdBackedVmProps.dataDisks', {}, scsi({ cdrom: true, readOnly: true }), [/^attach-device web1/]],
  ['RbdBackedVmProps.networkInterfaces', {}, nics({}), [/^attach-device/]],
  ['RbdBackedVmProps.networkInterfaces', nics({}), {}, [/^detach-device/]],
  ['RbdBackedVmProps.hostDevices', {}, { hostDevices: [{ usb: '0781:5567' }] }, [/^attach-device/]],
  ['RbdBackedVmProps.hostDevices', { hostDevices: [{ usb: '0781:5567' }] }, {}, [/^detach-device/]],
  ['VmDiskProps.image', cd('pool/a'), cd('pool/b'), [/^update-device/]],
  [
    'VmDiskProps.target',
    disks({}),
    { disks: { ...DOMAIN.disks, vdc: DATA } },
    [/^attach-device/, /^detach-disk web1 vdb/],
  ],
  ['VmDiskProps.qos', disks({}), disks({ qos: { totalIops: 100 } }), [/^blkdeviotune web1 vdb .*--total-iops-sec 100/]],
  ['NetworkInterfaceProps.source', nics({}), nics({ bridge: 'br1' }, BRIDGE), [/^update-device/]],
  ['NetworkInterfaceProps.macAddress', nics({}), nics({ macAddress: '52:54:00:aa:bb:02' }), [/^attach/, /^detach/]],
  ['NetworkInterfaceProps.trustGuestRxFilters', nics({}), nics({ trustGuestRxFilters: true }), [/^update-device/]],
  ['NetworkInterfaceProps.linkUp', nics({}), nics({ linkUp: false }), [/^domif-setlink web1 52:54:00:aa:bb:01 down$/]],
];

afterEach(() => jest.useRealTimers());

/**
 * What an apply does to the running VM once its definition is the new one, each command once; the guest releases no
 * disk.
 */
async function applied(before: Change, after: Change, running = {}): Promise<{ commands: string[]; said: string }> {
  const [from, to] = [before, after].map((change): DomainSpec => ({ ...DOMAIN, ...change })) as [
    DomainSpec,
    DomainSpec,
  ];
  const mark = JSON.stringify({ ...markFor(to, to.name), ...running });
  const live = domainXml(from, mark);
  if ('controllers' in running) find(live, 'devices')?.children.push(element('controller', { type: 'virtio-serial' }));
  const libvirt = new FakeLibvirt(() => 'running (booted)', live, domainXml(to, mark));
  const steps = stepsOf(domain.ensure as never, to).filter(({ name }) =>
    ['change the running VM', 'shut it down for a restart'].includes(name),
  );
  const list = 'observe' in domain.ensure ? { ...(domain.ensure as object), steps } : steps;
  const run = runSteps(domain as never, list as never, to as never, libvirt.tools, {});
  await run.catch((error: unknown) => libvirt.said.push(String(error)));
  return { commands: [...new Set(libvirt.commands)], said: libvirt.said.join('\n') };
}

describe('A change of a running VM', () => {
  test.each(NEXT_BOOT)('waits for the next boot and is named: %s', async (_, before, after) => {
    const { commands, said } = await applied(before, after);
    expect(commands).toEqual([]);
    expect(said).toMatch(/runs with an older definition \(.+\); the new one takes effect at its next boot/);
  });

  test.each(LIVE)('is made while it runs: %s (%j -> %j)', async (_, before, after, expected) => {
    const { commands } = await applied(before, after);
    expect(commands).toEqual(expected.map((one) => expect.stringMatching(one)));
  });

  test.each([
    ['is plugged in', {}, { guestAgent: true }, /^attach-device/],
    ['is unplugged', { guestAgent: true }, {}, /^detach-device/],
  ])("the guest agent's channel %s when the VM has a controller for it", async (_, before, after, command) => {
    const { commands } = await applied(before, after, { controllers: true });
    expect(commands).toEqual([expect.stringMatching(command)]);
  });

  test('gives a disk its I/O thread at once, which it uses from the next boot on: VmDiskProps.ioThread', async () => {
    const { commands, said } = await applied(disks({}), disks({ ioThread: true }));
    expect(commands).toEqual([expect.stringMatching(/^iothreadadd web1/)]);
    expect(said).toMatch(/disk vdb: I\/O thread is none, not \d+.*next boot/);
  });

  test('adds a disk together with its I/O thread', async () => {
    const { commands } = await applied({}, disks({ ioThread: true }));
    expect(commands).toEqual([expect.stringMatching(/^iothreadadd web1/), expect.stringMatching(/^attach-device/)]);
  });

  test('touches nothing that runs when only the description changes', async () => {
    expect(await applied({}, { description: 'for people' })).toEqual({ commands: [], said: '' });
  });
});

describe('The VM tables of docs/changes.md', () => {
  const sections = readFileSync(join(ROOT, 'docs/changes.md'), 'utf8').split(/^## /m).slice(1);
  const rows = ['RbdBackedVmProps', 'VmDiskProps', 'NetworkInterfaceProps'].flatMap((name) => {
    const section = sections.find((one) => one.startsWith(`${name}\n`)) ?? '';
    return [...section.matchAll(/^\| `(\w+)` +\| (.*?) *\|$/gm)].map(
      ([, field, text]) => [`${name}.${field}`, text] as const,
    );
  });
  const text = new Map<string, string | undefined>(rows);

  test('have a test for each row', () => {
    const tested = [...NEXT_BOOT, ...LIVE].map(([row]) => row);
    const all = [...tested, 'RbdBackedVmProps.description', 'VmDiskProps.ioThread', ...Object.keys(ELSEWHERE)];
    expect([...new Set(all)].sort()).toEqual(rows.map(([row]) => row).sort());
  });

  test.each(NEXT_BOOT.map(([row]) => row))('say that %s may wait for the next boot', (row) => {
    expect(text.get(row)).toMatch(/next boot/i);
  });

  test.each(LIVE.map(([row]) => row))('say that %s is live', (row) => {
    expect(text.get(row)).toMatch(/\blive\b|plugged in/i);
  });
});
