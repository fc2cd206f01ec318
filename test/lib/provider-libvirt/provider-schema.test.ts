import { expectValidForProvider, providerFaults } from '../../helpers/provider-schema';

const domain = (attributes: object) => ({
  resource: { libvirt_domain: { web1: { name: 'web1', type: 'kvm', ...attributes } } },
});
const disk = (attributes: object) => domain({ devices: { disks: [attributes] } });

describe('expectValidForProvider', () => {
  it('accepts what the provider takes, as an object and as text, and counts the blocks', () => {
    const stack = {
      terraform: { required_providers: { libvirt: { source: 'dmacvicar/libvirt' } } },
      provider: { libvirt: [{ uri: 'qemu:///system', alias: 'kvm1' }, { uri: 'qemu+ssh://kvm2/system' }] },
      data: { libvirt_node_info: { host: { provider: 'libvirt.kvm1' } } },
      resource: {
        terraform_data: { web1: { input: { anything: 1 } } },
        libvirt_pool: {
          images: { name: 'images', type: 'rbd', create: { build: false }, depends_on: ['terraform_data.web1_spec'] },
        },
      },
    };
    expect(expectValidForProvider(stack)).toBe(4);
    expect(expectValidForProvider(JSON.stringify(stack))).toBe(4);
  });

  it('counts nothing in a stack without the provider', () => {
    expect(expectValidForProvider({ resource: { terraform_data: { web1: {} } } })).toBe(0);
  });

  it('accepts meta-arguments, null for optional attributes, and references of any type', () => {
    const meta = { '//': {}, count: 2, for_each: {}, lifecycle: {}, provisioner: [], connection: {} };
    const references = {
      memory: '${var.memory}',
      running: '${var.running}',
      os: '${var.os}',
      devices: { disks: '${var.disks}' },
    };
    expect(providerFaults(domain({ ...meta, ...references, description: null }))).toEqual([]);
    expect(
      providerFaults(domain({ os: { init_args: ['${var.argument}'] }, devices: { disks: ['${var.disk}'] } })),
    ).toEqual([]);
  });

  it('fails with all faults in one readable error', () => {
    const stack = { resource: { libvirt_domain: { web1: { name: 'web1', vcpus: 2, nmae: 'x' } } } };
    expect(() => expectValidForProvider(stack)).toThrow(
      [
        'not valid for the libvirt provider:',
        '  - libvirt_domain.web1.type: is required',
        '  - libvirt_domain.web1.vcpus: must be an object, got 2',
        '  - libvirt_domain.web1.nmae: the provider has no such attribute',
      ].join('\n'),
    );
  });

  it.each([
    [
      'an unknown attribute',
      domain({ autoStart: true }),
      'libvirt_domain.web1.autoStart: the provider has no such attribute',
    ],
    [
      'an unknown nested attribute',
      disk({ bus: 'virtio' }),
      'libvirt_domain.web1.devices.disks[0].bus: the provider has no such attribute',
    ],
    ['a number for a string', domain({ title: 1 }), 'libvirt_domain.web1.title: must be a string, got 1'],
    ['a string for a number', domain({ memory: '2048' }), 'libvirt_domain.web1.memory: must be a number, got "2048"'],
    [
      'escaped text for a number',
      domain({ memory: '$${var.x}' }),
      'libvirt_domain.web1.memory: must be a number, got "$${var.x}"',
    ],
    ['a string for a boolean', domain({ running: 'yes' }), 'libvirt_domain.web1.running: must be a boolean, got "yes"'],
    [
      'an object for a list',
      domain({ devices: { disks: {} } }),
      'libvirt_domain.web1.devices.disks: must be a list, got {}',
    ],
    ['a list for an object', domain({ devices: [] }), 'libvirt_domain.web1.devices: must be an object, got []'],
    [
      'a text in a list of objects',
      disk('vda' as unknown as object),
      'libvirt_domain.web1.devices.disks[0]: must be an object, got "vda"',
    ],
    [
      'a number in a list of strings',
      domain({ os: { init_args: [1] } }),
      'libvirt_domain.web1.os.init_args[0]: must be a string, got 1',
    ],
    ['a read-only attribute', domain({ uuid: 'a' }), 'libvirt_domain.web1.uuid: is read-only'],
    ['a missing nested attribute', disk({ boot: {} }), 'libvirt_domain.web1.devices.disks[0].boot.order: is required'],
    [
      'a required attribute that is null',
      disk({ boot: { order: null } }),
      'libvirt_domain.web1.devices.disks[0].boot.order: is required',
    ],
    ['an unknown type', { resource: { libvirt_secret: { key: {} } } }, 'libvirt_secret: the provider has no such type'],
    [
      'an unknown data source',
      { data: { libvirt_domain: { web1: {} } } },
      'data.libvirt_domain: the provider has no such type',
    ],
    [
      'a data source',
      { data: { libvirt_node_info: { host: { id: 'a' } } } },
      'data.libvirt_node_info.host.id: is read-only',
    ],
    [
      'a provider',
      { provider: { libvirt: [{}, { url: 'a' }] } },
      'provider.libvirt[1].url: the provider has no such attribute',
    ],
  ])('fails for %s', (_fault, stack, message) => {
    expect(providerFaults(stack)).toEqual([message]);
  });
});
