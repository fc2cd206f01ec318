import type { DomainSpec } from '../model';
import { refuseAltered, refuseBusy } from '../steps/domain/refuse-altered-disks';
import { observeDomain, type ObservedDomain } from '../steps/domain/observed-domain';
import { ownerText, ownershipOf } from '../steps/ownership/mark';
import { CLONE_SNAPSHOT } from '../steps/rbd-image/clone';
import { snapshots } from '../steps/rbd-image/rbd-command';
import { kindSteps } from '../steps/kinds';
import { type LockSpec, Refusal, type Tools } from '../steps/tools';
import { disksOf, refuseStrange, type VmDisk } from './disks';
import { onCluster } from '../exec/unreachable-monitors';

/** A VM of the stack with what its host says about it now. */
export interface Vm {
  readonly spec: DomainSpec;
  /** Undefined: its host has no VM of that name. */
  readonly found: ObservedDomain | undefined;
  /** Its writable RBD disks. */
  readonly disks: readonly VmDisk[];
}

/** A snapshot of each disk that has one of that name, by target. */
export interface VmSnapshot {
  readonly name: string;
  readonly disks: { readonly [target: string]: DiskSnapshot };
}
export interface DiskSnapshot {
  readonly spec: string;
  /** Bytes. */
  readonly size: number;
  /** As `rbd` prints it. */
  readonly taken: string;
}

/** The lock of the VM's `ensure` and `remove`: no apply starts or changes it meanwhile. */
export function lockOf({ spec }: Pick<Vm, 'spec'>): LockSpec {
  const steps = kindSteps('domain');
  if (steps === undefined) throw new Error('there are no steps of a domain');
  return steps.lock(spec);
}

export async function lookAtVm(spec: DomainSpec, tools: Tools): Promise<Vm> {
  const found = await observeDomain(tools, spec.host, spec.name);
  if (found) {
    refuseForeign(spec, found);
    refuseAltered(spec, found);
    refuseBusy(spec, found);
  }
  const definition = found?.live ?? found?.definition;
  const disks = disksOf(spec, definition);
  if (definition) await onCluster(spec.cluster, tools, () => refuseStrange(spec, definition, tools));
  return { spec, found, disks };
}

/** A VM of that name may belong to another owner since the state was written, and its images too. */
function refuseForeign({ host, name, ...spec }: DomainSpec, { mark }: ObservedDomain): void {
  const ownership = ownershipOf(mark, spec, spec.entryId, name);
  if (mark && (ownership === 'foreign' || ownership === 'released')) {
    const problem = `VM '${name}' on ${host.uri} belongs to ${ownerText(mark.owner)}`;
    throw new Refusal(problem, 'work on it in that stack', 'foreign-owner');
  }
  if (ownership !== 'unmarked') return;
  throw new Refusal(
    `VM '${name}' on ${host.uri} does not belong to this stack`,
    "take and roll back its snapshots with 'rbd snap'",
    'unmarked',
  );
}

/** The snapshots that any disk of the VM has, except the one that clones are made from. */
export async function vmSnapshots({ spec, disks }: Vm, tools: Tools): Promise<VmSnapshot[]> {
  const found = await onCluster(spec.cluster, tools, () =>
    Promise.all(disks.map(async (disk) => ({ disk, all: await snapshots(tools, disk.image) }))),
  );
  const byName = new Map<string, { [target: string]: DiskSnapshot }>();
  for (const { disk, all } of found) {
    for (const { name, size, timestamp } of all) {
      if (name === CLONE_SNAPSHOT) continue;
      const ofName = byName.get(name) ?? {};
      ofName[disk.target] = { spec: `${disk.imageSpec}@${name}`, size, taken: timestamp };
      byName.set(name, ofName);
    }
  }
  return [...byName].map(([name, ofName]) => ({ name, disks: ofName }));
}

/** The snapshot of every disk; a `Refusal` if one has none of that name. */
export async function wholeSnapshot(vm: Vm, name: string, tools: Tools): Promise<VmSnapshot> {
  const all = await vmSnapshots(vm, tools);
  const found = all.find((one) => one.name === name);
  const without = vm.disks.filter(({ target }) => found?.disks[target] === undefined);
  if (found !== undefined && without.length === 0) return found;
  const which = found === undefined ? '' : ` of ${without.map(({ target }) => target).join(', ')}`;
  throw new Refusal(
    `VM '${vm.spec.name}' has no snapshot '${name}'${which}`,
    `its snapshots are: ${all.map((one) => one.name).join(', ') || 'none'}`,
    'snapshot-unknown',
  );
}
