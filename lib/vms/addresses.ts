import type { DomainSpec } from '../model';
import { attributeAt, findAll, type XmlElement } from '../render/xml';
import { observeDomain, type ObservedDomain } from '../steps/domain/observed-domain';
import type { Tools } from '../steps/tools';
import { askForAddresses, reachable, type VmAddress } from './address-sources';
import { fewAtOnce } from '../few-at-once';

/** Seconds between two looks of `--wait`. */
const LOOK_EVERY = 2;

/** A VM with its addresses. */
export interface AddressedVm {
  readonly vm: string;
  readonly host: string;
  readonly addresses: readonly VmAddress[];
  /** Why it has none. */
  readonly none?: string;
}

/** Looks until each of the VMs has an address, for at most `wait` seconds; looks once without `wait`. */
export async function findAddresses(vms: readonly DomainSpec[], tools: Tools, wait = 0): Promise<AddressedVm[]> {
  const deadline = Date.now() + wait * 1000;
  const found = new Map<string, AddressedVm>();
  for (;;) {
    const open = vms.filter((vm) => (found.get(vm.uuid)?.addresses.length ?? 0) === 0);
    const looked = await fewAtOnce(open, async (vm) => [vm.uuid, await addressesOf(vm, tools)] as const);
    looked.forEach(([uuid, one]) => found.set(uuid, one));
    const all = vms.map(({ uuid }) => found.get(uuid) as AddressedVm);
    if (all.every(({ addresses }) => addresses.length > 0) || Date.now() >= deadline) return all;
    await tools.sleep(LOOK_EVERY);
  }
}

async function addressesOf({ host, name }: DomainSpec, tools: Tools): Promise<AddressedVm> {
  const found = await observeDomain(tools, host, name);
  return { vm: name, host: host.uri, ...(await addressesIn(found, host, name, tools)) };
}

/** The addresses of a VM that was just looked at. */
export async function addressesIn(
  found: ObservedDomain | undefined,
  host: DomainSpec['host'],
  name: string,
  tools: Tools,
): Promise<Pick<AddressedVm, 'addresses' | 'none'>> {
  if (found?.live === undefined) return { addresses: [], none: `it is ${found?.state ?? 'not on its host'}` };
  const macs = macsOf(found.live);
  if (macs.length === 0) return { addresses: [], none: 'it has no network interface' };
  const { addresses, agent } = await askForAddresses(host, name, tools);
  const usable = reachable(addresses, macs);
  if (usable.length > 0) return { addresses: usable };
  const said = agent === '' ? 'the guest agent reports none' : `the guest agent does not answer ('${agent}')`;
  return { addresses: [], none: `${said}, no DHCP lease and no neighbour of the host has its MAC address` };
}

function macsOf(domain: XmlElement): string[] {
  const macs = findAll(domain, 'devices/interface').map((nic) => attributeAt(nic, 'mac', 'address'));
  return macs.flatMap((mac) => mac?.toLowerCase() ?? []);
}
