import { parseAddresses, parseNeighbours, reachable } from '../../../lib/vms/address-sources';

const [MAC, CONTAINERS] = ['52:54:00:aa:bb:01', '02:42:00:00:00:01'];
/** The output of `virsh --quiet` (9.0), each part after the name of its source. */
const PRINTED = `agent lo         00:00:00:00:00:00    ipv4         127.0.0.1/8
 lo         00:00:00:00:00:00    ipv6         ::1/128
 enp1s0     52:54:00:AA:bb:01    ipv4         198.18.0.10/24
 enp1s0     52:54:00:aa:bb:01    ipv6         fd00:1::10/64
 enp1s0     52:54:00:aa:bb:01    ipv6         fe80::5054:ff:feaa:bb01/64
 docker0    02:42:00:00:00:01    ipv4         172.17.0.1/16
 enp2s0     52:54:00:aa:bb:02    N/A          N/A
lease vnet0      52:54:00:aa:bb:01    ipv4         198.18.0.11/24
arp vnet0      52:54:00:aa:bb:01    ipv4         198.18.0.12/0
`;

test('reads each address with its source; a neighbour has no prefix', () => {
  const found = parseAddresses(PRINTED);
  expect(found).toHaveLength(8);
  expect(found[2]).toEqual({ address: '198.18.0.10', prefix: 24, mac: MAC, interface: 'enp1s0', source: 'agent' });
  expect(found[6]).toEqual({ address: '198.18.0.11', prefix: 24, mac: MAC, interface: 'vnet0', source: 'lease' });
  expect(found[7]).toEqual({ address: '198.18.0.12', mac: MAC, interface: 'vnet0', source: 'arp' });
});

test('a source without addresses prints only its name, before the name of the next one', () => {
  const [line = ''] = PRINTED.split('\n').slice(-2);
  expect(parseAddresses(`agentlease${line}`)).toMatchObject([{ source: 'arp', address: '198.18.0.12' }]);
  expect(parseAddresses('agentleasearp')).toEqual([]);
});

test('reads the name of an interface that contains spaces', () => {
  const line = ' Ethernet Instance 0 52:54:00:aa:bb:01    ipv4         10.0.0.5/24';
  expect(parseAddresses(`agent${line}`)).toMatchObject([{ interface: 'Ethernet Instance 0', address: '10.0.0.5' }]);
});

test("reads the host's own list of neighbours, without those that do not answer", () => {
  const shown = `198.18.0.12 dev br0 lladdr ${MAC.toUpperCase()} STALE 
fd00:1::12 dev br0 lladdr ${MAC} router REACHABLE 
198.18.0.13 dev br0 lladdr ${MAC} FAILED 
198.18.0.14 dev br0  INCOMPLETE 
`;
  expect(parseNeighbours(shown)).toEqual([
    { address: '198.18.0.12', mac: MAC, interface: 'br0', source: 'arp' },
    { address: 'fd00:1::12', mac: MAC, interface: 'br0', source: 'arp' },
  ]);
});

describe('The addresses at which others reach a VM', () => {
  const all = parseAddresses(PRINTED);
  const from = (...sources: string[]) =>
    reachable(
      all.filter(({ source }) => sources.includes(source)),
      [MAC],
    );

  test('are those of its own interfaces, without loopback and link-local ones', () => {
    expect(reachable(all, [MAC]).map(({ address }) => address)).toEqual(['198.18.0.10', 'fd00:1::10']);
    expect(reachable(all, [CONTAINERS]).map(({ address }) => address)).toEqual(['172.17.0.1']);
  });

  test('come from the agent, else from a lease, else from the neighbours of the host', () => {
    expect(from('lease', 'arp').map(({ address }) => address)).toEqual(['198.18.0.11']);
    expect(from('arp').map(({ address }) => address)).toEqual(['198.18.0.12']);
    expect(from()).toEqual([]);
  });

  test.each(['127.0.0.1', '169.254.7.7', '::1', 'fe80::1', 'febf::1'])('never include %s', (address) => {
    expect(reachable([{ address, mac: MAC, interface: 'eth0', source: 'agent' }], [MAC])).toEqual([]);
  });

  test.each(['169.25.0.1', '12.7.0.1', 'fec0::1', 'fd00::1', '::2'])('may include %s', (address) => {
    expect(reachable([{ address, mac: MAC, interface: 'eth0', source: 'agent' }], [MAC])).toHaveLength(1);
  });
});
