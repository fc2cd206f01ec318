import type { IConstruct } from 'constructs';
import { stableMacAddress, stableUuid, type NetworkInterfaceSpec } from '../lib/model';
import { ownerOf } from '../lib/terraform';
import { known, wholeNumber, type Rule } from '../lib/validation';
import type { NetworkSource } from './network-source';

/** A network interface of a VM. */
export interface NetworkInterfaceProps {
  /**
   * What it is connected to. A change is live between networks and bridges (VIRSH); otherwise it takes effect at the
   * next boot.
   */
  readonly source: NetworkSource;
  /**
   * Six pairs of hexadecimal digits, 'XX:XX:XX:XX:XX:XX', not a group address. It identifies the interface. Set it if
   * workspaces of a stack share a network: the default is the same in each.
   * @default - 52:54:00 and three pairs derived from project, stack, VM and source: the same at every synth
   */
  readonly macAddress?: string;
  /**
   * QEMU's model: 'virtio', 'e1000e', 'rtl8139'. A change takes effect at the next boot.
   * @default 'virtio'
   */
  readonly model?: string;
  /**
   * Packet queues, 1 to 256; virtio only. With one per virtual CPU, a busy guest can use all CPUs. A change takes
   * effect at the next boot.
   * @default - one
   * @see https://libvirt.org/formatdomain.html#setting-nic-driver-specific-options
   */
  readonly queues?: number;
  /**
   * Largest packet, 68 to 65535 bytes; virtio passes it on to the guest. The network must support it; not with macvtap.
   * A change takes effect at the next boot.
   * @default - the network's
   * @see https://libvirt.org/formatdomain.html#mtu-configuration
   */
  readonly mtu?: number;
  /**
   * With macvtap: whether the guest may change its MAC address and its multicast filters. A change is live (VIRSH).
   * @default false
   * @see https://libvirt.org/formatdomain.html#network-interfaces
   */
  readonly trustGuestRxFilters?: boolean;
  /**
   * Boot order, 1 to 10000: the guest boots from the network, after devices with lower numbers. Disks without a number
   * then do not boot. A change takes effect at the next boot.
   * @default - it does not boot from the network
   */
  readonly bootIndex?: number;
  /**
   * Whether the cable is plugged in. A change is live with VIRSH.
   * @default true
   */
  readonly linkUp?: boolean;
}

type Source = Pick<NetworkInterfaceSpec, 'network' | 'bridge' | 'macvtap' | 'vlan'>;

type Vm = IConstruct & { readonly vmName: string };

/** The interface as the scripts get it, after the VM's existing ones. */
export function interfaceSpec(
  vm: Vm,
  props: NetworkInterfaceProps,
  before: readonly NetworkInterfaceSpec[],
): NetworkInterfaceSpec {
  const { source, model = 'virtio', queues, mtu, trustGuestRxFilters, bootIndex, linkUp } = props;
  const given = known(props.macAddress) ? props.macAddress.toLowerCase() : props.macAddress;
  const [seed, count] = seedOf(vm, source._spec(), before);
  return {
    ...source._spec(),
    openVSwitch: source._openVSwitch ? stableUuid('interface', `${seed} ${count}`) : undefined,
    macAddress: given ?? stableMacAddress(seed, count),
    model,
    queues,
    mtu,
    trustGuestRxFilters,
    bootIndex,
    linkUp,
  };
}

/**
 * Derived from the source and a count, not from the position: removing one interface does not change another's address.
 */
function seedOf(vm: Vm, source: Source, before: readonly Source[]): [seed: string, count: number] {
  const text = (one: Source): string => JSON.stringify([one.network, one.bridge, one.macvtap, one.vlan]);
  const { project, stack } = ownerOf(vm);
  const count = before.filter((one) => text(one) === text(source)).length;
  return [`${project}/${stack}/${vm.vmName}/${text(source)}`, count];
}

/** The rules of one interface. */
export function nicRules(props: NetworkInterfaceProps, macAddress: string): Rule[] {
  const { source, model } = props;
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
      message: `'vlan' must be a whole number from 1 to 4094, got ${String(vlan)}; omit it for untagged`,
    },
    {
      code: 'mac-address-form',
      broken: known(macAddress) && (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(macAddress) || group),
      message: `'macAddress' must be six pairs of hexadecimal digits and not a group address (the first pair is even), got ${JSON.stringify(macAddress)}; use, for example, 52:54:00:12:34:56`,
    },
    {
      code: 'network-model-form',
      broken: known(model) && !/^[a-z0-9][a-z0-9-]{0,31}$/.test(model),
      message: `'model' must be a network card that QEMU has, got ${JSON.stringify(model)}; use 'virtio'`,
    },
    ...cardRules(props),
  ];
}

function cardRules({ source, model, queues, mtu, trustGuestRxFilters, bootIndex }: NetworkInterfaceProps): Rule[] {
  return [
    wholeNumber('queues', queues, 1, 256, 'use at most one per virtual CPU'),
    {
      code: 'network-queues-model',
      broken: queues !== undefined && known(model) && !model.startsWith('virtio'),
      message: `'queues' must go with the model 'virtio', got ${JSON.stringify(model)}, which has only one; omit it`,
    },
    wholeNumber('mtu', mtu, 68, 65_535, '1500 is usual, or 9000 if the whole network supports it'),
    {
      code: 'network-mtu-source',
      broken: mtu !== undefined && source._spec().macvtap !== undefined,
      message: "'mtu' must not be set with macvtap, which has that of its device; omit it",
    },
    {
      code: 'network-trust-source',
      broken: trustGuestRxFilters === true && source._spec().bridge !== undefined,
      message: "'trustGuestRxFilters' must not be set with a bridge, which does not filter; omit it",
    },
    wholeNumber('bootIndex', bootIndex, 1, 10_000, '1 boots first'),
  ];
}
