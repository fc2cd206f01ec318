import type { IConstruct } from 'constructs';
import { stableMacAddress, type NetworkInterfaceSpec } from '../lib/model';
import { ownerOf } from '../lib/terraform';
import { known, type Rule } from '../lib/validation';
import type { NetworkSource } from './network-source';

/** A network interface of a VM. */
export interface NetworkInterfaceProps {
  readonly source: NetworkSource;
  /**
   * Six pairs of hexadecimal digits, 'XX:XX:XX:XX:XX:XX', not of a group. The interface's identity. To be given where
   * workspaces of a stack share a network: the default is the same in each.
   * @default - 52:54:00 and three pairs over project, stack, VM and source: the same at every synth
   */
  readonly macAddress?: string;
  /**
   * QEMU's model: 'virtio', 'e1000e', 'rtl8139'. A change takes effect at the next boot.
   * @default 'virtio'
   */
  readonly model?: string;
  /**
   * Whether the cable is plugged in. A change is live with VIRSH.
   * @default true
   */
  readonly linkUp?: boolean;
}

type Source = Pick<NetworkInterfaceSpec, 'network' | 'bridge' | 'macvtap' | 'vlan'>;

/** By the source and its count, not by position: taking one interface out changes no other's address. */
export function macAddressOf(
  vm: IConstruct & { readonly vmName: string },
  source: Source,
  before: readonly Source[],
): string {
  const text = (one: Source): string => JSON.stringify([one.network, one.bridge, one.macvtap, one.vlan]);
  const count = before.filter((one) => text(one) === text(source)).length;
  const { project, stack } = ownerOf(vm);
  return stableMacAddress(`${project}/${stack}/${vm.vmName}/${text(source)}`, count);
}

/** The rules of one interface. */
export function nicRules({ source, model }: NetworkInterfaceProps, macAddress: string): Rule[] {
  const { network, bridge, macvtap, vlan } = source._spec();
  const plugged = network ?? bridge ?? macvtap;
  const group = (Number.parseInt(macAddress.slice(0, 2), 16) & 1) === 1;
  return [
    {
      code: 'network-source-form',
      broken: known(plugged) && !/^[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,62}$/.test(plugged),
      message: `'source' must name a network, bridge or device in 1 to 63 letters, digits or any of '_.:@-', got ${JSON.stringify(plugged)}; choose another`,
    },
    {
      code: 'network-vlan',
      broken: known(vlan) && !(Number.isInteger(vlan) && vlan >= 1 && vlan <= 4094),
      message: `'vlan' must be a whole number from 1 to 4094, got ${String(vlan)}; leave it out for untagged`,
    },
    {
      code: 'mac-address-form',
      broken: known(macAddress) && (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(macAddress) || group),
      message: `'macAddress' must be six pairs of hexadecimal digits and not a group's (first pair even), got ${JSON.stringify(macAddress)}; use 52:54:00:12:34:56, say`,
    },
    {
      code: 'network-model-form',
      broken: known(model) && !/^[a-z0-9][a-z0-9-]{0,31}$/.test(model),
      message: `'model' must be a network card that QEMU has, got ${JSON.stringify(model)}; use 'virtio'`,
    },
  ];
}
