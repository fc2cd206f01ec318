import type { NetworkInterfaceSpec } from '../lib/model';

/** How a bridge is joined. */
export interface BridgeOptions {
  /**
   * VLAN tag, 1 to 4094; the bridge must be one that tags (Open vSwitch, or a VLAN-aware host).
   * @default - untagged
   */
  readonly vlan?: number;
}

/**
 * What a network interface is plugged into.
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
    return new NetworkSource({ bridge: name, ...options });
  }

  /** A network device of the host, by macvtap in bridge mode. The host itself cannot reach the VM through it. */
  public static macvtap(device: string): NetworkSource {
    return new NetworkSource({ macvtap: device });
  }

  private constructor(private readonly spec: Pick<NetworkInterfaceSpec, 'network' | 'bridge' | 'macvtap' | 'vlan'>) {}

  /** @internal */
  public _spec(): Pick<NetworkInterfaceSpec, 'network' | 'bridge' | 'macvtap' | 'vlan'> {
    return this.spec;
  }
}
