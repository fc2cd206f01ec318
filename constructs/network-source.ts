import type { NetworkInterfaceSpec } from '../lib/model';

/** Options for connecting to a bridge. */
export interface BridgeOptions {
  /**
   * VLAN tag, 1 to 4094. The bridge must support tags: Open vSwitch or, from libvirt 11.0, a Linux bridge with
   * `vlan_filtering`. A change is live where libvirt can (VIRSH).
   * @default - untagged
   * @see https://libvirt.org/formatdomain.html#setting-vlan-tag-on-supported-network-types-only
   */
  readonly vlan?: number;
  /**
   * The bridge is an Open vSwitch bridge. A change takes effect at the next boot.
   * @default false
   * @see https://libvirt.org/formatdomain.html#bridge-to-lan
   */
  readonly openVSwitch?: boolean;
}

/**
 * What a network interface is connected to.
 *
 * @example
 * NetworkSource.bridge('br0', { vlan: 20 });
 */
export class NetworkSource {
  /** A libvirt network, by name. */
  public static network(name: string): NetworkSource {
    return new NetworkSource({ network: name });
  }

  /** A bridge of the host. */
  public static bridge(name: string, options: BridgeOptions = {}): NetworkSource {
    const { vlan, openVSwitch } = options;
    return new NetworkSource({ bridge: name, ...(vlan === undefined ? {} : { vlan }) }, openVSwitch);
  }

  /** A network device of the host, through macvtap in bridge mode. The host itself cannot reach the VM through it. */
  public static macvtap(device: string): NetworkSource {
    return new NetworkSource({ macvtap: device });
  }

  private constructor(
    private readonly spec: Pick<NetworkInterfaceSpec, 'network' | 'bridge' | 'macvtap' | 'vlan'>,
    /** @internal */
    public readonly _openVSwitch = false,
  ) {}

  /** @internal */
  public _spec(): Pick<NetworkInterfaceSpec, 'network' | 'bridge' | 'macvtap' | 'vlan'> {
    return this.spec;
  }
}
