import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { terraformBinary } from '../../../lib/cli/terraform-stack';
import { PROVIDER_SOURCE, PROVIDER_VERSION_CONSTRAINT } from '../../../lib/provider-libvirt';
import { renderArguments } from '../../../lib/provider-libvirt/renderer';
import { isUefi } from '../../../lib/render/domain/firmware';
import { providerDomain } from '../../../lib/render/domain/provider-arguments';
import type { DomainSpec } from '../../../lib/model';
import { domainMark } from '../../../lib/steps/domain/domain-mark';
import { describeByProvider } from '../../helpers/drivers';
import { OWNER, runScriptWell, TOKEN } from '../../helpers/lab';
import { useVm } from '../../helpers/vm';
import { comparable } from '../parity-ignored';

const vm = useVm('t-parity', ['data', 'more', 'seed']);
const folder = mkdtempSync(join(tmpdir(), 'parity-'));
const IGNITION = join(folder, 'core1.ign');
writeFileSync(IGNITION, '{"ignition":{"version":"3.4.0"}}');
afterAll(() => rmSync(folder, { recursive: true }));

const terraform = (...args: string[]) =>
  execa(terraformBinary(), [`-chdir=${folder}`, ...args], { env: { CHECKPOINT_DISABLE: '1' }, reject: false });

function write(spec: DomainSpec): void {
  const attributes = renderArguments(providerDomain(spec, JSON.stringify(domainMark(spec))));
  const json = {
    terraform: { required_providers: { libvirt: { source: PROVIDER_SOURCE, version: PROVIDER_VERSION_CONSTRAINT } } },
    provider: { libvirt: { uri: vm.images.lab().hosts[0]?.uri } },
    // As the construct has it: what was asked of the firmware is no part of what runs.
    resource: {
      libvirt_domain: {
        vm: { ...(attributes as object), ...(isUefi(spec) ? { lifecycle: { ignore_changes: ['os'] } } : {}) },
      },
    },
  };
  writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(json));
}

const compared = async (): Promise<string> => comparable(await vm.xml('--inactive'));

const image = (name: string, bus: string, more: object = {}) => ({ image: vm.image(name), bus, ...more });
const nic = (more: object) => ({ macAddress: '52:54:00:00:0d:02', model: 'virtio', ...more });
const CASES: [string, () => object][] = [
  ['a VM at its defaults', () => ({})],
  [
    'a VM with all that a definition can say',
    () => ({
      description: 'a <b> & c',
      maxVcpus: 2,
      maxMemory: '512 MiB',
      vnc: true,
      guestAgent: true,
      networkInterfaces: [
        nic({ network: 'labnet' }),
        nic({ bridge: vm.images.lab().bridge, macAddress: '52:54:00:00:0D:03', model: 'e1000', linkUp: false }),
      ],
      disks: {
        vda: image('root', 'virtio', { ioThread: true, cache: 'writeback', discard: true, detectZeroes: true }),
        sda: image('data', 'scsi', { serial: 'data-1', qos: { totalIops: 100, totalBytesPerSecond: '10 MiB' } }),
        sdb: image('seed', 'sata', { cdrom: true }),
        sdc: image('more', 'usb'),
      },
    }),
  ],
  [
    'a VM by UEFI with secure boot, limits, queues, a processor in detail, a watchdog and no comfort',
    () => ({
      firmware: 'uefi-secure-boot',
      enrolledKeys: false,
      vcpus: 4,
      cpuTopology: { sockets: 1, cores: 2, threads: 2 },
      cpuModel: 'Nehalem',
      cpuFeatures: { aes: true, vmx: false },
      ballooning: false,
      rng: false,
      spice: true,
      watchdog: 'pause',
      networkInterfaces: [nic({ network: 'labnet', queues: 2, mtu: 1400, bootIndex: 2, linkUp: true })],
      disks: {
        vda: image('root', 'virtio', {
          bootIndex: 1,
          queues: 2,
          qos: { totalIops: 100, burstIops: 200, burstDuration: '5 seconds', readBytesPerSecond: '1 MiB' },
        }),
        sda: image('data', 'scsi', { ioThread: true, queues: 2, wwn: '5000c500a1b2c3d4' }),
        sdh: image('more', 'scsi', { readOnly: true }),
      },
    }),
  ],
  ['a VM by UEFI, with a config for Ignition', () => ({ firmware: 'uefi', ignitionFile: IGNITION })],
  [
    "a VM of the older machine, with a processor's name",
    () => ({ machineType: 'pc', cpuModel: 'Nehalem', disks: { hda: image('root', 'ide') } }),
  ],
];

/** The lab installs no QEMU for it: its firmware takes 250 MB. */
const ALL: typeof CASES = existsSync('/usr/bin/qemu-system-aarch64')
  ? [
      ...CASES,
      [
        'a VM of aarch64',
        () => ({ architecture: 'aarch64', vnc: true, networkInterfaces: [nic({ network: 'labnet' })] }),
      ],
    ]
  : CASES;

describeByProvider('Parity', () => {
  beforeAll(async () => {
    write(vm.spec() as DomainSpec);
    expect(await terraform('init', '-no-color')).toMatchObject({ exitCode: 0 });
  });

  test.each(ALL)('%s: the provider and virsh create the same definition, and its plan is empty', async (_, fields) => {
    const spec = vm.spec(fields()) as DomainSpec;
    write({ ...spec, owner: OWNER, entryId: TOKEN });
    expect(await terraform('apply', '-auto-approve', '-no-color')).toMatchObject({ exitCode: 0 });
    await runScriptWell('domain', 'start', vm.spec({ ...fields(), driver: 'provider' }));
    expect((await terraform('plan', '-detailed-exitcode', '-no-color')).exitCode).toBe(0);
    expect(await vm.differs({ ...fields(), driver: 'provider' })).toBe('');
    const provided = await compared();
    await vm.clear();
    await terraform('state', 'rm', 'libvirt_domain.vm');
    await vm.ensure(fields());
    expect(await compared()).toBe(provided);
    await vm.clear();
  });
});
