import type { NetworkInterfaceSpec } from '../../model';
import type { DomainDevices } from '../../provider-libvirt/generated';
import * as defaults from './defaults';

type Interface = Extract<DomainDevices['interfaces'], readonly unknown[]>[number];

export function interfaceOf(nic: NetworkInterfaceSpec): Interface {
  const { trustGuestRxFilters: trust, openVSwitch: interfaceId, mtu, bootIndex } = nic;
  const queues = defaults.queuesOf(nic);
  return {
    mac: { address: nic.macAddress.toLowerCase() },
    source: sourceOf(nic),
    trustGuestRxFilters: trust === undefined ? undefined : trust ? 'yes' : 'no',
    vlan: nic.vlan === undefined ? undefined : { tags: [{ id: nic.vlan }] },
    virtualPort: interfaceId === undefined ? undefined : { params: { openVSwitch: { interfaceId } } },
    model: { type: nic.model },
    driver: queues === undefined ? undefined : { queues },
    mtu: mtu === undefined ? undefined : { size: mtu },
    link: nic.linkUp === undefined ? undefined : { state: nic.linkUp ? 'up' : 'down' },
    boot: bootIndex === undefined ? undefined : { order: bootIndex },
    alias: { name: defaults.interfaceAlias(nic.macAddress) },
  };
}

function sourceOf({ network, bridge, macvtap }: NetworkInterfaceSpec): Interface['source'] {
  if (network !== undefined) return { network: { network } };
  if (bridge !== undefined) return { bridge: { bridge } };
  return { direct: { dev: macvtap, mode: 'bridge' } };
}
