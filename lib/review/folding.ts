import type { PlannedObject } from './objects';
import { blockOf, type Blocks, type ResourceChange, runsOtherScripts } from './plan';
import { valuesOf } from './values';

const HELPERS = ['_spec_confirmed', '_started'];

interface Leftover {
  /** Specs and their helpers that have no registry entry. */
  readonly stray: readonly ResourceChange[];
  readonly others: readonly ResourceChange[];
}

/** Gives each object its spec, helpers and provider resources; returns what belongs to no object. */
export function folded(
  blocks: Blocks,
  rest: readonly ResourceChange[],
  entries: ReadonlyMap<string, PlannedObject>,
  byEntryId: ReadonlyMap<string, PlannedObject>,
): Leftover {
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
      if (before && after && before !== after) [object.from, before.to] = [before, object];
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

/** The registry entry in a spec's configuration. */
function named(
  spec: ResourceChange,
  blocks: Blocks,
  entries: ReadonlyMap<string, PlannedObject>,
): PlannedObject | undefined {
  const path = spec.module_address === undefined ? '' : `${spec.module_address}.`;
  const references = blocks.get(blockOf(spec))?.expressions?.triggers_replace?.references ?? [];
  return references.flatMap((one) => entries.get(`${path}${one.replace(/\.id$/, '')}`) ?? [])[0];
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
