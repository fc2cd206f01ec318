import {
  App,
  DefaultTokenResolver,
  Lazy,
  StringConcat,
  TerraformStack,
  TerraformVariable,
  Testing,
  Token,
  Tokenization,
} from 'cdktf';
import type { LocalExecProvisioner } from 'cdktf';
import type { Construct } from 'constructs';
import * as bindings from '../../../lib/provider-libvirt';
import {
  DataLibvirtDomainInterfaceAddresses,
  DataLibvirtNodeDevices,
  Domain,
  LibvirtProvider,
  Network,
  Pool,
  Volume,
} from '../../../lib/provider-libvirt';
import type { DomainDevicesDisks } from '../../../lib/provider-libvirt';
import { expectValidForProvider } from '../../helpers/provider-schema';

type Json = { [key: string]: any };

function synth(build: (stack: TerraformStack) => void, options = { provider: true }): Json {
  const stack = new TerraformStack(new App({ skipValidation: true }), 'stack');
  if (options.provider) new LibvirtProvider(stack, 'libvirt', { uri: 'qemu:///system' });
  build(stack);
  const json = JSON.parse(Testing.synth(stack, true)) as Json;
  expectValidForProvider(json);
  return json;
}

/** The attributes of the only block of a type, without cdktf's comment. */
function one(json: Json, type: string, section = 'resource'): Json {
  const blocks: Json[] = Object.values(json[section][type] as Json);
  expect(blocks).toHaveLength(1);
  const { '//': _comment, ...attributes } = blocks[0]!;
  return attributes;
}

function domain(scope: Construct, config: Partial<bindings.DomainConfig> = {}): Domain {
  return new Domain(scope, 'web1', { name: 'web1', type: 'kvm', ...config });
}

describe('A resource', () => {
  it('renders its arguments in snake_case at any depth', () => {
    const json = synth((stack) => {
      domain(stack, {
        memoryUnit: 'MiB',
        ioThreadIDs: { ioThreads: [{ id: 1 }] },
        devices: { disks: [{ readOnly: true, backingStore: { format: { type: 'raw' } } }] },
        features: { hyperV: { vendorId: { value: 'x' } } },
        os: { initArgs: ['a_b', 'aB'] },
      });
    });
    expect(one(json, 'libvirt_domain')).toEqual({
      name: 'web1',
      type: 'kvm',
      memory_unit: 'MiB',
      io_thread_i_ds: { io_threads: [{ id: 1 }] },
      devices: { disks: [{ read_only: true, backing_store: { format: { type: 'raw' } } }] },
      features: { hyper_v: { vendor_id: { value: 'x' } } },
      os: { init_args: ['a_b', 'aB'] },
    });
  });

  it('leaves out undefined values and keeps empty objects, false and 0', () => {
    const json = synth((stack) => {
      domain(stack, { title: undefined, running: false, features: { acpi: undefined, aia: undefined }, vcpu: 0 });
    });
    expect(one(json, 'libvirt_domain')).toEqual({ name: 'web1', type: 'kvm', running: false, features: {}, vcpu: 0 });
  });

  it('resolves tokens of every type, and renders the result of a Lazy', () => {
    const json = synth((stack) => {
      const text = new TerraformVariable(stack, 'text', { type: 'string' });
      const amount = new TerraformVariable(stack, 'amount', { type: 'number' });
      const flag = new TerraformVariable(stack, 'flag', { type: 'bool' });
      domain(stack, {
        title: `a ${text.stringValue}`,
        memory: amount.numberValue,
        running: flag.value,
        os: { initArgs: text.listValue },
        devices: { disks: Lazy.anyValue({ produce: () => [{ readOnly: true, serial: text.stringValue }] }) },
      });
    });
    expect(one(json, 'libvirt_domain')).toMatchObject({
      title: 'a ${var.text}',
      memory: '${var.amount}',
      running: '${var.flag}',
      os: { init_args: '${var.text}' },
      devices: { disks: [{ read_only: true, serial: '${var.text}' }] },
    });
  });

  it('takes list entries until synth', () => {
    const json = synth((stack) => {
      const disks: DomainDevicesDisks[] = [];
      domain(stack, { devices: { disks } });
      disks.push({ serial: 'late' });
    });
    expect(one(json, 'libvirt_domain').devices.disks).toEqual([{ serial: 'late' }]);
  });

  it('names the construct that was passed instead of a value', () => {
    const build = (): Json => synth((stack) => domain(stack, { title: stack as unknown as string }));
    expect(build).toThrow(/construct/i);
  });

  it('takes the meta-arguments', () => {
    const json = synth((stack) => {
      const kvm2 = new LibvirtProvider(stack, 'kvm2', { uri: 'qemu+ssh://kvm2/system', alias: 'kvm2' });
      const pool = new Pool(stack, 'images', { name: 'images', type: 'rbd', count: 2 });
      const provisioner: LocalExecProvisioner = { type: 'local-exec', command: 'true' };
      const lifecycle = { replaceTriggeredBy: ['terraform_data.web1_spec'], ignoreChanges: ['memory'] };
      domain(stack, { provider: kvm2, dependsOn: [pool], lifecycle, provisioners: [provisioner] });
    });
    expect(one(json, 'libvirt_domain')).toEqual({
      name: 'web1',
      type: 'kvm',
      provider: 'libvirt.kvm2',
      depends_on: ['libvirt_pool.images'],
      lifecycle: { replace_triggered_by: ['terraform_data.web1_spec'], ignore_changes: ['memory'] },
      provisioner: [{ 'local-exec': { command: 'true' } }],
    });
    expect(one(json, 'libvirt_pool').count).toBe(2);
  });

  it('takes overrides', () => {
    const json = synth((stack) => {
      domain(stack, { memory: 1 }).addOverride('devices.emulator', '/usr/bin/qemu-system-x86_64');
    });
    expect(one(json, 'libvirt_domain').devices).toEqual({ emulator: '/usr/bin/qemu-system-x86_64' });
  });

  it('fails at synth in a stack without the provider', () => {
    expect(() => synth((stack) => domain(stack), { provider: false })).toThrow(/without a matching provider construct/);
  });
});

describe('A reference', () => {
  const stack = new TerraformStack(Testing.app(), 'references');
  const resolver = new DefaultTokenResolver(new StringConcat());
  const resolve = (value: unknown): unknown =>
    Tokenization.resolve(value, { scope: stack, resolver, preparing: false });

  it('is a getter for required or computed top-level attributes', () => {
    const vm = domain(stack);
    expect(resolve([vm.id, vm.uuid, vm.name])).toEqual([
      '${libvirt_domain.web1.id}',
      '${libvirt_domain.web1.uuid}',
      '${libvirt_domain.web1.name}',
    ]);
    expect(Token.isUnresolved(vm.id)).toBe(true);
    expect(resolve(new DataLibvirtNodeDevices(stack, 'devices').devices)).toBe(
      '${tolist(data.libvirt_node_devices.devices.devices)}',
    );
    expect(resolve(new Network(stack, 'net', { name: 'net' }).autostart)).toBe('${libvirt_network.net.autostart}');
  });

  it('reaches nested attributes through a typed selector', () => {
    const volume = new Volume(stack, 'volume', { name: 'seed', pool: 'default' });
    const addresses = new DataLibvirtDomainInterfaceAddresses(stack, 'addresses', { domain: 'web1' });
    expect(resolve(volume.ref((a) => a.target.path))).toBe('${libvirt_volume.volume.target.path}');
    expect(resolve(volume.ref((a) => a.target.clusterSize))).toBe('${libvirt_volume.volume.target.cluster_size}');
    const first = addresses.ref((a) => a.interfaces.at(0).addrs.at(1).addr);
    expect(resolve(`ip=${first}`)).toBe(
      'ip=${data.libvirt_domain_interface_addresses.addresses.interfaces[0].addrs[1].addr}',
    );
    expect(resolve(Token.asNumber(addresses.ref((a) => a.interfaces.at(0).addrs.at(0).prefix)))).toBe(
      '${data.libvirt_domain_interface_addresses.addresses.interfaces[0].addrs[0].prefix}',
    );
  });

  it('fails for a selector that selects nothing', () => {
    const vm = new Domain(stack, 'web2', { name: 'web2', type: 'kvm' });
    expect(() => vm.ref((a) => a)).toThrow("'ref' needs a selector that returns one attribute");
    expect(() => vm.ref(() => undefined)).toThrow("'ref' needs a selector");
  });
});

describe('The types', () => {
  // Never run: what must not compile is an error if it does.
  function refused(scope: Construct): void {
    // @ts-expect-error 'type' is required
    new Domain(scope, 'a', { name: 'a' });
    // @ts-expect-error 'uuid' is computed
    domain(scope, { uuid: 'x' });
    // @ts-expect-error names are camelCase
    domain(scope, { memory_unit: 'MiB' });
    // @ts-expect-error nested: 'order' is a number
    domain(scope, { devices: { disks: [{ boot: { order: '1' } }] } });
    // @ts-expect-error nested: 'order' is required
    domain(scope, { devices: { disks: [{ boot: {} }] } });
    // @ts-expect-error an object without attributes takes none
    domain(scope, { devices: { disks: [{ transient: 1 }] } });
    // @ts-expect-error computed only
    new Volume(scope, 'b', { name: 'b', pool: 'p', target: { path: '/x' } });
    // @ts-expect-error cdktf renders it wrongly
    domain(scope, { lifecycle: { replaceTriggeredBy: [domain(scope)] } });
    // @ts-expect-error no such attribute
    domain(scope).ref((a) => a.devices.discs);
  }

  it('reject what the schema rejects', () => {
    expect(refused).toBeInstanceOf(Function);
  });
});

describe('The module', () => {
  it('exports all resources and data sources', () => {
    expect(Object.keys(bindings).sort()).toEqual(
      [
        ...['CloudinitDisk', 'Combustion', 'Domain', 'Ignition', 'LibvirtProvider', 'Network', 'Pool', 'Volume'],
        ...[
          'DataLibvirtDomainInterfaceAddresses',
          'DataLibvirtNodeDeviceInfo',
          'DataLibvirtNodeDevices',
          'DataLibvirtNodeInfo',
        ],
        ...['LibvirtDataSource', 'LibvirtResource', 'PROVIDER_SOURCE', 'PROVIDER_VERSION_CONSTRAINT'],
      ].sort(),
    );
  });
});
