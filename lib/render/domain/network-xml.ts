import type { NetworkInterfaceSpec } from '../../model';
import { element, type XmlElement } from '../xml';
import * as defaults from './defaults';

/** One network interface; its alias distinguishes it from those that others attached. */
export function interfaceXml(nic: NetworkInterfaceSpec): XmlElement {
  const [type, source] = sourceOf(nic);
  const queues = defaults.queuesOf(nic);
  const trust = nic.trustGuestRxFilters === undefined ? undefined : nic.trustGuestRxFilters ? 'yes' : 'no';
  return element(
    'interface',
    { type, trustGuestRxFilters: trust },
    element('mac', { address: nic.macAddress.toLowerCase() }),
    source,
    nic.vlan === undefined ? undefined : element('vlan', {}, element('tag', { id: nic.vlan })),
    nic.openVSwitch === undefined
      ? undefined
      : element('virtualport', { type: 'openvswitch' }, element('parameters', { interfaceid: nic.openVSwitch })),
    element('model', { type: nic.model }),
    queues === undefined ? undefined : element('driver', { queues }),
    nic.mtu === undefined ? undefined : element('mtu', { size: nic.mtu }),
    nic.linkUp === undefined ? undefined : element('link', { state: nic.linkUp ? 'up' : 'down' }),
    nic.bootIndex === undefined ? undefined : element('boot', { order: nic.bootIndex }),
    element('alias', { name: defaults.interfaceAlias(nic.macAddress) }),
  );
}

function sourceOf({ network, bridge, macvtap }: NetworkInterfaceSpec): [type: string, source: XmlElement] {
  if (network !== undefined) return ['network', element('source', { network })];
  if (bridge !== undefined) return ['bridge', element('source', { bridge })];
  return ['direct', element('source', { dev: macvtap, mode: 'bridge' })];
}
