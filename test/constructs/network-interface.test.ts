import type { TerraformStack } from 'cdktf';
import { LibvirtDriver, type NetworkInterfaceProps, NetworkSource, type RbdBackedVm } from '../../constructs';
import { DRIVERS, Scene } from '../helpers/scene';
import { codes, codesOf, synth } from '../helpers/synth';
import { withProps } from '../helpers/vm-stacks';

describe.each(DRIVERS)('A network interface with %s', (driver) => {
  it('passes its source, MAC address, model and link state on, and has the same MAC address at every synth', () => {
    const build = (stack: TerraformStack): void => {
      const vm = withProps({ networkInterfaces: [{ source: NetworkSource.network('default') }] }, driver)(stack);
      vm.addNetworkInterface({
        source: NetworkSource.bridge('br0', { vlan: 20 }),
        macAddress: '52:54:00:AB:CD:EF',
        model: 'e1000e',
        linkUp: false,
      });
      vm.addNetworkInterface({ source: NetworkSource.macvtap('eno1') });
      expect(vm.macAddresses[1]).toBe('52:54:00:ab:cd:ef');
    };
    const [first, second, third] = synth(build).fields('terraform_data.web1_spec').networkInterfaces;
    expect(first).toMatchObject({
      network: 'default',
      model: 'virtio',
      macAddress: expect.stringMatching(/^52:54:00:/),
    });
    expect(second).toEqual({
      bridge: 'br0',
      vlan: 20,
      macAddress: '52:54:00:ab:cd:ef',
      model: 'e1000e',
      linkUp: false,
    });
    expect(third).toMatchObject({ macvtap: 'eno1' });
    expect(synth(build).text).toBe(synth(build).text);
  });

  it('passes its tuning and its place in the boot order on, and with PROVIDER into the domain', () => {
    const bridge = NetworkSource.bridge('br0', { vlan: 20, openVSwitch: true });
    const more = { queues: 4, mtu: 9000, bootIndex: 1 };
    const { fields, at } = synth(
      withProps(
        {
          networkInterfaces: [
            { source: bridge, ...more },
            { source: NetworkSource.macvtap('eno1'), trustGuestRxFilters: true },
          ],
        },
        driver,
      ),
    );
    const spec = fields('terraform_data.web1_spec');
    const openVSwitch = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(spec.networkInterfaces).toMatchObject([
      { bridge: 'br0', vlan: 20, openVSwitch, ...more },
      { macvtap: 'eno1', trustGuestRxFilters: true },
    ]);
    // The network boots first, so the root disk must not come before it.
    expect(spec.disks.vda.bootIndex).toBeUndefined();
    if (driver === LibvirtDriver.VIRSH) return;
    const [first, second] = at('libvirt_domain.kvm1-web1').devices.interfaces;
    expect(first).toMatchObject({ driver: { queues: 4 }, mtu: { size: 9000 }, boot: { order: 1 } });
    expect(first.virtual_port.params.open_v_switch.interface_id).toBe(spec.networkInterfaces[0].openVSwitch);
    expect(second.trust_guest_rx_filters).toBe('yes');
  });
});

describe('A network interface', () => {
  const nic = (props: object, source = NetworkSource.network('default')) =>
    withProps({ networkInterfaces: [{ source, ...props }] });

  it.each(["br'0", '$(id)', 'a\nb', '', 'a b'])('fails for the network, bridge or device %j', (name) => {
    expect(codes(nic({}, NetworkSource.network(name)))).toEqual(['network-source-form']);
    expect(codes(nic({}, NetworkSource.bridge(name)))).toEqual(['network-source-form']);
    expect(codes(nic({}, NetworkSource.macvtap(name)))).toEqual(['network-source-form']);
  });

  it('takes VLANs from 1 to 4094 and fails outside that range', () => {
    const vlan = (tag: number): string[] => codesOf(nic({}, NetworkSource.bridge('br0', { vlan: tag })));
    expect([1, 4094].flatMap(vlan)).toEqual([]);
    expect([0, 4095, 1.5].flatMap(vlan)).toEqual(['network-vlan', 'network-vlan', 'network-vlan']);
  });

  it.each(['52:54:00', '53:54:00:00:00:01', '52-54-00-00-00-01', 'zz:54:00:00:00:01', ''])(
    'fails for the MAC address %j',
    (macAddress) => {
      expect(codes(nic({ macAddress }))).toEqual(['mac-address-form']);
    },
  );

  it('fails for a MAC address that is taken, in upper or lower case', () => {
    expect(
      codes((stack) => {
        const vm = nic({ macAddress: '52:54:00:00:00:0a' })(stack);
        vm.addNetworkInterface({ source: NetworkSource.network('b'), macAddress: '52:54:00:00:00:0A' });
      }),
    ).toEqual(['claimed-twice']);
  });

  it('fails for a model with quotes', () => {
    expect(codes(nic({ model: "virtio'" }))).toEqual(['network-model-form']);
  });

  it('keeps its MAC address when the interface before it is removed', () => {
    const b = { source: NetworkSource.network('b') };
    const both = withProps({ networkInterfaces: [{ source: NetworkSource.network('a') }, b] });
    const macs = (build: (stack: TerraformStack) => RbdBackedVm): string[] =>
      synth(build)
        .fields('terraform_data.web1_spec')
        .networkInterfaces.map(({ macAddress }: { macAddress: string }) => macAddress);
    expect(macs(withProps({ networkInterfaces: [b] }))[0]).toBe(macs(both)[1]);
  });

  it.each<[Partial<NetworkInterfaceProps>, string]>([
    [{ queues: 0 }, 'queues-range'],
    [{ queues: 257 }, 'queues-range'],
    [{ queues: 2, model: 'e1000e' }, 'network-queues-model'],
    [{ mtu: 67 }, 'mtu-range'],
    [{ mtu: 65_536 }, 'mtu-range'],
    [{ bootIndex: 0 }, 'boot-index-range'],
    [{ mtu: 1400, source: NetworkSource.macvtap('eth0') }, 'network-mtu-source'],
    [{ trustGuestRxFilters: true, source: NetworkSource.bridge('br0') }, 'network-trust-source'],
  ])('fails with %j', (props, code) => {
    expect(codes(nic(props))).toEqual([code]);
  });

  it('fails when a disk has the same place in the boot order', () => {
    const build = (stack: TerraformStack): void => {
      const scene = new Scene(stack);
      const source = NetworkSource.network('default');
      scene.vm('web1', {
        rootDisk: { image: scene.image('i'), bootIndex: 1 },
        networkInterfaces: [{ source, bootIndex: 1 }],
      });
    };
    expect(codes(build)).toEqual(['boot-index-twice']);
  });
});
