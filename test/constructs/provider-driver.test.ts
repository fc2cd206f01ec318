import { type TerraformStack, TerraformVariable } from 'cdktf';
import { stableUuid } from '../../lib/model';
import {
  CephRbdStoragePool,
  DiskBus,
  DiskCache,
  Duration,
  ImageSource,
  LibvirtDriver,
  NetworkSource,
  RbdBackedVm,
  RestartPolicy,
  Size,
  type RbdBackedVmProps,
} from '../../constructs';
import { expectValidForProvider } from '../helpers/provider-schema';
import { clusterOf, hostOf, Scene } from '../helpers/scene';
import { refusal, synth } from '../helpers/synth';

const vmWith =
  (props: Partial<RbdBackedVmProps> = {}) =>
  (stack: TerraformStack): RbdBackedVm =>
    new Scene(stack, LibvirtDriver.PROVIDER).vm('web1', props);

/** Every prop of a VM, each with a value other than its default. */
const ALL: Partial<RbdBackedVmProps> = {
  description: 'a ${b} %{c} <d>',
  maxVcpus: 4,
  maxMemory: Size.gibibytes(8),
  networkInterfaces: [
    { source: NetworkSource.network('lan') },
    { source: NetworkSource.bridge('br0', { vlan: 42 }), model: 'e1000', linkUp: false },
    { source: NetworkSource.macvtap('eth0'), macAddress: '52:54:00:00:00:01', linkUp: true },
  ],
  machineType: 'q35',
  cpuMode: 'custom',
  cpuModel: 'Nehalem',
  ignitionFile: '/etc/libvirt/core1.ign',
  serialLogFile: '/var/log/web1.log',
  vnc: true,
  guestAgent: true,
  running: false,
  autostart: true,
  shutdownTimeout: Duration.seconds(30),
  restartPolicy: RestartPolicy.NOW,
};

const everyDisk = (stack: TerraformStack): void => {
  const cluster = clusterOf(stack);
  const host = hostOf(stack, LibvirtDriver.PROVIDER);
  const storage = new CephRbdStoragePool(stack, 'storage', { host, cluster, autostart: false });
  new RbdBackedVm(stack, 'web1', {
    ...ALL,
    storage,
    vcpus: 2,
    memory: Size.gibibytes(4),
    rootDisk: { size: Size.gibibytes(1), source: ImageSource.blank(), ioThread: true, cache: DiskCache.WRITEBACK },
    dataDisks: [
      { target: 'vdb', size: Size.gibibytes(1), discard: true, detectZeroes: true, serial: 'a', bootIndex: 2 },
      { target: 'sda', size: Size.gibibytes(1), bus: DiskBus.SCSI, readOnly: true },
      { target: 'sdb', size: Size.gibibytes(1), cdrom: true },
      { target: 'sdc', size: Size.gibibytes(1), bus: DiskBus.USB },
    ],
  });
};

describe('With PROVIDER', () => {
  it.each([
    ['a storage pool and a VM at their defaults', everyDefault, 3],
    ['a VM with every prop', vmWith(ALL), 2],
    ['a VM with every kind of disk', everyDisk, 3],
  ])('%s are valid for the provider', (_, build, blocks) => {
    expect(expectValidForProvider(synth((stack) => void build(stack)).json)).toBe(blocks);
  });

  it('a VM is shut down before the provider deletes it, by an entry that depends on its domain', () => {
    const { at, json } = synth((stack) => void vmWith({ shutdownTimeout: Duration.seconds(30) })(stack));
    const stops = at('terraform_data.kvm1_domain_stops');
    expect(stops).toMatchObject({
      triggers_replace: '${local.triggers_kvm1_domain_stops[each.key]}',
      depends_on: ['terraform_data.kvm1_domains', 'libvirt_domain.kvm1-web1'],
    });
    expect(stops.provisioner[0]['local-exec']).toMatchObject({
      when: 'destroy',
      command: expect.stringMatching(/exec\.cjs domain stop$/),
      environment: {
        CDKTF_LIBVIRT_CEPH_SPEC: '${jsonencode(merge(self.input, self.triggers_replace, { entryId = self.id }))}',
      },
    });
    expect(json.locals.triggers_kvm1_domain_stops).toEqual({
      web1: {
        name: 'web1',
        uuid: stableUuid('domain', 'web1'),
        object: '${terraform_data.web1_spec_confirmed.id}',
        domainEntryId: '${terraform_data.kvm1_domains["web1"].id}',
        addresses: ['libvirt_domain.kvm1-web1', 'terraform_data.kvm1_domain_stops["web1"]'],
      },
    });
  });

  it('what changes without the VM is updated in its stop in place, which shuts nothing down', () => {
    const { entries } = synth((stack) => void vmWith({ shutdownTimeout: Duration.seconds(30) })(stack));
    expect(Object.keys(entries('terraform_data.kvm1_domain_stops').web1).sort()).toEqual([
      'host',
      'owner',
      'shutdownTimeout',
      'v',
    ]);
  });

  it('the stop entries are rendered even when no VM is left, so that the last one is shut down', () => {
    const { entries } = synth((stack) => void hostOf(stack, LibvirtDriver.PROVIDER));
    expect(entries('terraform_data.kvm1_domain_stops')).toEqual({});
  });

  it('a change that does not concern the VM does not replace it', () => {
    const { fields, context } = synth((stack) => void vmWith(ALL)(stack));
    expect(Object.keys(fields('terraform_data.web1_spec'))).not.toEqual(expect.arrayContaining(['shutdownTimeout']));
    expect(Object.keys(fields('terraform_data.web1_spec'))).not.toEqual(expect.arrayContaining(['restartPolicy']));
    expect(context('terraform_data.web1_spec')).toMatchObject({ shutdownTimeout: '30 seconds', restartPolicy: 'now' });
  });

  it('nothing is changed in place behind our scripts: neither drift that the provider sees nor an override', () => {
    const build = (title?: string) =>
      synth((stack) => {
        const vm = vmWith(ALL)(stack);
        if (title !== undefined) vm.domainResource?.addOverride('title', title);
        vm.domainResource?.addOverride('lifecycle.prevent_destroy', true);
      });
    const [plain, overridden] = [build(), build('web ${terraform.workspace}')];
    for (const { at } of [plain, overridden])
      expect(at('libvirt_domain.kvm1-web1').lifecycle.ignore_changes).toBe('all');
    expect(plain.fields('terraform_data.web1_spec')).not.toHaveProperty('overrides');
    expect(overridden.fields('terraform_data.web1_spec')).toMatchObject({
      overrides: { title: 'web ${terraform.workspace}' },
    });
  });

  it('a script starts a VM each time the provider has defined it, unless it is to stay off', () => {
    const of = (running: boolean) => synth((stack) => void vmWith({ ...ALL, autostart: false, running })(stack));
    const { at, addresses } = of(true);
    expect(at('terraform_data.web1_started')).toMatchObject({
      triggers_replace: { uuid: '${libvirt_domain.kvm1-web1.uuid}' },
      lifecycle: { replace_triggered_by: ['libvirt_domain.kvm1-web1'] },
      depends_on: ['libvirt_domain.kvm1-web1'],
      provisioner: [{ 'local-exec': { command: expect.stringMatching(/exec\.cjs domain start$/) } }],
    });
    expect(addresses).toContain('terraform_data.web1_started');
    expect(of(false).addresses).not.toContain('terraform_data.web1_started');
  });

  it('an override reaches the devices, also with disks that are added later', () => {
    const { at } = synth((stack) => {
      const scene = new Scene(stack, LibvirtDriver.PROVIDER);
      const vm = scene.vm('web1');
      vm.domainResource?.addOverride('devices.watchdogs', [{ model: 'itco' }]);
      vm.addDisk({ image: scene.image('late') });
    });
    const { devices } = at('libvirt_domain.kvm1-web1');
    expect(devices.watchdogs).toEqual([{ model: 'itco' }]);
    expect(devices.disks.map((disk: { target: { dev: string } }) => disk.target.dev)).toEqual(['vda', 'vdb']);
  });
});

function everyDefault(stack: TerraformStack): void {
  const storage = new CephRbdStoragePool(stack, 'storage', {
    host: hostOf(stack, LibvirtDriver.PROVIDER),
    cluster: clusterOf(stack),
  });
  const rootDisk = { size: Size.gibibytes(1) };
  new RbdBackedVm(stack, 'web1', { storage, vcpus: 1, memory: Size.gibibytes(1), rootDisk });
}

test('With PROVIDER, a list of monitors known only to Terraform is refused', () => {
  const error = refusal((stack) => {
    const monitors = new TerraformVariable(stack, 'monitors', { type: 'list(string)' }).listValue;
    const cluster = clusterOf(stack, { monitors });
    new CephRbdStoragePool(stack, 'storage', { cluster, host: hostOf(stack, LibvirtDriver.PROVIDER) });
  });
  expect(error.code).toBe('monitors-list');
  expect(error.message).toContain('give a variable for each monitor');
});
