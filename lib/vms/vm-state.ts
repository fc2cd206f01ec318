import type { DomainSpec } from '../model';
import { waitingChanges } from '../steps/domain/update-live';
import { observeDomain, type ObservedDomain } from '../steps/domain/observed-domain';
import { ownerText, ownershipOf } from '../steps/ownership/mark';
import type { Tools } from '../steps/tools';
import type { VmAddress } from './address-sources';
import { addressesIn } from './addresses';
import { type DiskUse, disksIn } from './disk-use';

/** What `vms` shows about one VM. */
export interface VmState {
  readonly vm: string;
  /** Absent, like the driver, for a VM that was never applied. */
  readonly host?: string;
  readonly driver?: DomainSpec['driver'];
  /** In libvirt's words; 'missing' if its host has no VM of that name. */
  readonly state: string;
  readonly addresses: readonly VmAddress[];
  readonly disks: readonly DiskUse[];
  /**
   * How the running VM differs from its definition, until the next boot. Always empty with PROVIDER, which replaces
   * VMs.
   */
  readonly waiting: readonly string[];
  /** A problem that needs attention: the VM belongs to another owner. */
  readonly problem?: string;
}

export async function observeVmState(spec: DomainSpec, tools: Tools): Promise<VmState> {
  const { host, name, driver } = spec;
  const found = await observeDomain(tools, host, name);
  const about = { vm: name, host: host.uri, driver, state: found?.state ?? 'missing' };
  const nothing = { addresses: [], disks: [], waiting: [] };
  if (found === undefined) return { ...about, ...nothing, problem: 'its host has no VM of that name' };
  const problem = foreign(spec, found);
  if (problem !== undefined) return { ...about, ...nothing, problem };
  const { addresses } = await addressesIn(found, host, name, tools);
  const disks = await disksIn(spec, found.live ?? found.definition, tools);
  return { ...about, addresses, disks, waiting: waitingChanges(spec, found) };
}

/** A VM of that name may belong to another owner since the state was written. */
function foreign({ name, ...spec }: DomainSpec, { mark }: ObservedDomain): string | undefined {
  const ownership = ownershipOf(mark, spec, spec.entryId, name);
  if (mark && (ownership === 'foreign' || ownership === 'released')) return `it belongs to ${ownerText(mark.owner)}`;
  return ownership === 'unmarked' ? 'it does not belong to this stack' : undefined;
}
