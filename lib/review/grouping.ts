import { folded } from './folding';
import { entryOf, type PlannedObject } from './objects';
import { type Blocks, type Plan, type ResourceChange, runsOtherScripts } from './plan';
import { valuesOf } from './values';

export interface Grouped {
  readonly objects: readonly PlannedObject[];
  /** Specs and their helpers that have no registry entry. */
  readonly stray: readonly ResourceChange[];
  readonly others: readonly ResourceChange[];
}

/** Folds the resources of a plan into objects. */
export function grouped(plan: Plan, blocks: Blocks): Grouped {
  const changes = (plan.resource_changes ?? []).filter(({ mode }) => mode !== 'data');
  const entries = new Map<string, PlannedObject>();
  const byEntryId = new Map<string, PlannedObject>();
  const rest: ResourceChange[] = [];
  const disks: PlannedObject[] = [];
  for (const one of changes) {
    const object = entryOf(one);
    if (object === undefined || runsOtherScripts(one, blocks)) rest.push(one);
    else {
      if (object.kind === 'disk') disks.push(object);
      entries.set(one.deposed === undefined ? one.address : `${one.address} ${one.deposed}`, object);
      const entryId = valuesOf(one.change.before)['id'];
      if (typeof entryId === 'string') byEntryId.set(entryId, object);
    }
  }
  const leftover = folded(blocks, rest, entries, byEntryId);
  return { ...leftover, objects: merged([...entries.values()], disks) };
}

/** A VM takes the entries of its data disks and of its stop. */
function merged(all: readonly PlannedObject[], disks: readonly PlannedObject[]): PlannedObject[] {
  const vms = new Map(
    all.filter(({ kind }) => kind === 'domain').map((one) => [`${one.scope} ${one.key}`, one] as const),
  );
  const taken = new Set<PlannedObject>();
  for (const stop of all.filter(({ kind }) => kind === 'domain-stop')) {
    const vm = vms.get(`${stop.scope} ${stop.key}`);
    if (vm && stop.entry) vm.helpers.push(stop.entry);
    if (vm) taken.add(stop);
  }
  for (const disk of disks.filter(({ spec }) => spec === undefined)) {
    const vm = vms.get(`${disk.scope} ${disk.key.replace(/\/[^/]*$/, '')}`);
    if (vm && disk.entry) vm.disks.push(disk.entry);
    if (vm) taken.add(disk);
  }
  return all.filter((one) => !taken.has(one));
}
