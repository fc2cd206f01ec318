import type { Kind } from '../model';
import { blockOf, type Blocks, type Plan, type ResourceChange, runsOtherScripts } from './plan';

/** A VM's stop has a registry of its own. */
export type PlannedKind = Kind | 'domain-stop';

/** One object of ours, with every resource of the plan that represents a part of it. */
export interface PlannedObject {
  readonly kind: PlannedKind;
  /** 'kvm1', 'ceph'. */
  readonly scope: string;
  readonly key: string;
  readonly entry?: ResourceChange;
  spec?: ResourceChange;
  /** The entry that the object's spec had before, if it was another one: the object moves. */
  from?: PlannedObject;
  readonly helpers: ResourceChange[];
  readonly providers: ResourceChange[];
  /** The entries of a VM's data disks. */
  readonly disks: ResourceChange[];
}

export interface Grouped {
  readonly objects: readonly PlannedObject[];
  /** Specs and their helpers that have no registry entry. */
  readonly stray: readonly ResourceChange[];
  readonly others: readonly ResourceChange[];
}

/** The suffixes of the registries' addresses; if one ends with another, the longer comes first. */
const REGISTRIES: readonly (readonly [string, PlannedKind])[] = [
  ['_storage_pools', 'storage-pool'],
  ['_client_configs', 'client-config'],
  ['_domain_stops', 'domain-stop'],
  ['_pools', 'ceph-pool'],
  ['_clients', 'ceph-client'],
  ['_images', 'rbd-image'],
  ['_snapshots', 'rbd-snapshot'],
  ['_secrets', 'ceph-secret'],
  ['_disks', 'disk'],
  ['_domains', 'domain'],
];
const HELPERS = ['_spec_confirmed', '_started'];

export const valuesOf = (value: unknown): { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown }) : {};

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

function entryOf(one: ResourceChange): PlannedObject | undefined {
  if (one.type !== 'terraform_data' || typeof one.index !== 'string') return undefined;
  const found = REGISTRIES.find(([suffix]) => one.name.endsWith(suffix));
  if (found === undefined || !('owner' in valuesOf(inputOf(one)))) return undefined;
  const scope = one.name.slice(0, -found[0].length);
  return { kind: found[1], scope, key: one.index, entry: one, helpers: [], providers: [], disks: [] };
}

/** What the removal is given: as the last apply left it, if there was one. */
export function inputOf({ change }: ResourceChange): unknown {
  return valuesOf(change.before ?? change.after)['input'];
}

function folded(
  blocks: Blocks,
  rest: readonly ResourceChange[],
  entries: ReadonlyMap<string, PlannedObject>,
  byEntryId: ReadonlyMap<string, PlannedObject>,
): Pick<Grouped, 'stray' | 'others'> {
  const [stray, others]: [ResourceChange[], ResourceChange[]] = [[], []];
  const bySpec = new Map<string, PlannedObject>();
  const specs = new Set(rest.filter((one) => isSpec(one) && !runsOtherScripts(one, blocks)));
  for (const spec of specs) {
    const entryId = valuesOf(valuesOf(spec.change.before)['triggers_replace'])['entryId'];
    const before = typeof entryId === 'string' ? byEntryId.get(entryId) : undefined;
    const isStill = before !== undefined && spec.change.actions[0] === 'no-op';
    const after = isStill || spec.change.after == null ? undefined : named(spec, blocks, entries);
    const object = after ?? before;
    if (object === undefined) stray.push(spec);
    else {
      object.spec = spec;
      if (before && after && before !== after) object.from = before;
      bySpec.set(spec.address, object);
    }
  }
  const hasProvider = rest.some(({ type }) => type.startsWith('libvirt_'));
  const names = hasProvider ? [...entries.values()].map((one) => [`${one.kind} ${one.key}`, one] as const) : [];
  const domains = new Map(names);
  for (const one of rest.filter((other) => !specs.has(other))) {
    const helper = one.type === 'terraform_data' ? HELPERS.find((end) => one.name.endsWith(end)) : undefined;
    const suffix = helper !== undefined && runsOtherScripts(one, blocks) ? undefined : helper;
    const specAddress = suffix && one.address.replace(suffix, '_spec');
    const object = specAddress === undefined ? providedBy(one, entries, domains) : bySpec.get(specAddress);
    if (object === undefined) (suffix !== undefined && hasTrigger(one) ? stray : others).push(one);
    else (suffix === undefined ? object.providers : object.helpers).push(one);
  }
  return { stray, others };
}

/** The registry entry in a spec's configuration; that of a VM also names those of its data disks. */
function named(
  spec: ResourceChange,
  blocks: Blocks,
  entries: ReadonlyMap<string, PlannedObject>,
): PlannedObject | undefined {
  const path = spec.module_address === undefined ? '' : `${spec.module_address}.`;
  const references = blocks.get(blockOf(spec))?.expressions?.triggers_replace?.references ?? [];
  const found = references.flatMap((one) => entries.get(`${path}${one.replace(/\.id$/, '')}`) ?? []);
  return found.find(({ kind }) => kind !== 'disk') ?? found[0];
}

function isSpec({ type, name, change }: ResourceChange): boolean {
  if (type !== 'terraform_data' || !name.endsWith('_spec')) return false;
  const fields = valuesOf(change.before ?? change.after)['triggers_replace'];
  return 'entryId' in valuesOf(fields) || 'entryId' in valuesOf(valuesOf(change.after_unknown)['triggers_replace']);
}

function hasTrigger({ change }: ResourceChange): boolean {
  return Object.keys(valuesOf(valuesOf(change.before)['triggers_replace'])).some(
    (one) => one === 'object' || one === 'uuid',
  );
}

/** The `libvirt_domain.kvm1-web1` that belongs to kvm1_domains["web1"]. */
function providedBy(
  one: ResourceChange,
  entries: ReadonlyMap<string, PlannedObject>,
  byName: ReadonlyMap<string, PlannedObject>,
): PlannedObject | undefined {
  const [kind, registry] =
    one.type === 'libvirt_domain'
      ? ['domain', '_domains']
      : one.type === 'libvirt_pool'
        ? ['storage-pool', '_storage_pools']
        : [];
  const name = valuesOf(one.change.before ?? one.change.after)['name'];
  if (kind === undefined || registry === undefined || typeof name !== 'string') return undefined;
  const scopes = one.name.split('-').map((_, index, parts) => parts.slice(0, index + 1).join('-'));
  const path = one.module_address === undefined ? '' : `${one.module_address}.`;
  const own = scopes.flatMap(
    (scope) => entries.get(`${path}terraform_data.${scope}${registry}[${JSON.stringify(name)}]`) ?? [],
  );
  const only = byName.get(`${kind} ${name}`);
  return own[0] ?? (only && one.name.startsWith(`${only.scope}-`) ? only : undefined);
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
