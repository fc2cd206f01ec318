import { changedFields, same, shownChange, textOf } from './fields';
import { grouped, inputOf, type PlannedKind, type PlannedObject, valuesOf } from './objects';
import { otherFindings } from './others';
import { picture } from './picture';
import { type Blocks, configured, type Plan, type ResourceChange } from './plan';
import { providerFindings } from './provider';
import { removed, restoreLine } from './removal';
import { specFindings } from './spec';
import { type Finding, finding, type Item, type Review, VERDICTS, worst } from './verdict';

const TITLES: { readonly [K in PlannedKind]: string } = {
  'ceph-pool': 'pool',
  'ceph-client': 'client',
  'rbd-image': 'image',
  'rbd-snapshot': 'snapshot',
  'ceph-secret': 'secret',
  'client-config': 'client section',
  'storage-pool': 'storage pool',
  disk: 'disk',
  domain: 'VM',
  'domain-stop': 'stop',
};

/** Judges one plan: a line an object, the worst first. The same plan gives the same review. */
export function review(plan: Plan): Review {
  const blocks = configured(plan);
  const { objects, stray, others } = grouped(plan, blocks);
  // A VM that moves is one; any other that becomes another leaves one behind.
  const gone = new Set(objects.flatMap(({ kind, from }) => (kind === 'domain' && from ? [from] : [])));
  // Of a plan of thousands nearly all is as it was.
  const changing = objects.filter((one) => !gone.has(one) && resourcesOf(one).some((part) => !isIdle(part)));
  const items = [
    ...changing.flatMap((one) => itemOf(one, objectFindings(one, blocks)) ?? []),
    ...stray.flatMap((one) => otherItem(one, strayFindings(one)) ?? []),
    ...others.flatMap((one) => otherItem(one, otherFindings(one, blocks)) ?? []),
  ];
  const owner = ownerOf(objects);
  return {
    verdict: worst(items.map(({ verdict }) => verdict)),
    ...owner,
    items: items.sort(byVerdict),
    notAnalysed: items
      .filter(({ findings }) => findings.some(({ verdict }) => verdict === 'UNKNOWN'))
      .map(({ address }) => address),
    drift: [...new Set((plan.resource_drift ?? []).filter(isTelling).map(driftOf))].sort(),
    counts: countsOf(plan.resource_changes ?? []),
    picture: picture(objects, items),
  };
}

function byVerdict(a: Item, b: Item): number {
  const rank = VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict);
  if (rank !== 0) return rank;
  const [left, right] = [`${a.what} ${a.name} ${a.address}`, `${b.what} ${b.name} ${b.address}`];
  return left < right ? -1 : left > right ? 1 : 0;
}

function objectFindings(object: PlannedObject, blocks: Blocks): Finding[] {
  const gone = removed(object) ?? [];
  const moves = object.from?.entry?.change.actions.includes('delete') ? movedHost(object) : [];
  return [
    ...gone,
    ...moves,
    ...entryFindings(object),
    ...specFindings(object),
    ...recordFindings(object),
    ...diskFindings(object),
    ...providerFindings(object, blocks),
  ];
}

function movedHost({ kind, scope, key, from }: PlannedObject): Finding[] {
  if (kind !== 'domain' || from === undefined) return [];
  const where = from.scope === scope ? `it was '${from.key}' and is '${key}'` : `from ${from.scope} to ${scope}`;
  return [finding('OUTAGE', `it moves, ${where}: shut down there, then started here`)];
}

function entryFindings({ entry, spec, kind, from }: PlannedObject): Finding[] {
  if (entry === undefined) return [];
  const { actions, importing } = entry.change;
  if (entry.action_reason === 'replace_because_tainted' && actions.length > 1) {
    return [finding('CHANGE', 'it gets another mark; what is there stays')];
  }
  if (actions[0] === 'update') return changedFields(entry, 'input').flatMap(({ path }) => updated(path[0] ?? ''));
  if (actions.length > 1 || actions[0] !== 'create') {
    return importing === undefined || importing === null
      ? []
      : [finding('CHANGE', 'what is there comes under management')];
  }
  const fields = valuesOf(valuesOf(spec?.change.after)['triggers_replace']);
  if (fields['adopt'] === true)
    return [finding('CHANGE', 'what is there is taken over, and keeps its data; what is not is made')];
  if (from === undefined && spec?.change.before != null)
    return [finding('CHANGE', `its entry is made anew, and the ${TITLES[kind]} taken back`)];
  return [finding('SAFE', 'it is made')];
}

function updated(field: string): Finding[] {
  if (field === 'removalPolicy' || field === 'trashExpiry') {
    return [finding('CHANGE', `\`${field}\` counts from the next removal on; nothing is removed now`)];
  }
  if (field === 'owner') return [finding('CHANGE', 'it belongs to another project, stack or workspace from now on')];
  return [finding('SAFE', `\`${field || 'every field'}\`: what a later removal is given`)];
}

/** A record that is made, replaced or goes without a change of a field. */
function recordFindings({ entry, spec, helpers, from }: PlannedObject): Finding[] {
  const entryIdle = entry?.change.actions[0] === 'no-op';
  const records = helpers.filter(
    ({ change, name }) => change.actions[0] !== 'no-op' && !name.endsWith('_domain_stops'),
  );
  if (spec === undefined || spec.change.actions[0] === 'no-op') {
    return entryIdle && records.length > 0
      ? [finding('CHANGE', 'it is looked at once more, and mended where it differs')]
      : [];
  }
  const { actions } = spec.change;
  if (actions.includes('forget'))
    return [finding('ORPHAN', 'Terraform forgets what the code says of it; nothing mends it any more')];
  if (!entryIdle || from !== undefined) return [];
  if (actions[0] === 'create' && actions.length === 1)
    return [finding('CHANGE', 'its record was lost: it is looked at, and mended')];
  if (actions.length === 1 && actions[0] === 'delete')
    return [finding('CHANGE', 'its record goes; it stays, and its entry still manages it')];
  if (spec.action_reason === 'replace_by_request')
    return [finding('CHANGE', 'asked for by -replace: it is looked at, and mended')];
  if (spec.action_reason === 'replace_because_tainted')
    return [finding('CHANGE', 'its last apply failed: it is looked at, and mended')];
  return [];
}

function diskFindings({ disks, entry }: PlannedObject): Finding[] {
  if (entry?.change.actions.includes('delete')) return [];
  return disks.flatMap(({ index, change, action_reason: reason }) => {
    if (!change.actions.includes('delete') || reason === 'replace_because_tainted') return [];
    const target = textOf(String(index).replace(/^.*\//, '')) ?? 'a disk';
    return change.actions.length > 1
      ? [finding('OUTAGE', `its disk ${target} is taken off and attached again`)]
      : [finding('CHANGE', `its disk ${target} is taken off; the image goes by its own policy`)];
  });
}

function resourcesOf({ entry, spec, helpers, providers, disks }: PlannedObject): ResourceChange[] {
  return [entry, spec, ...helpers, ...providers, ...disks].filter((one) => one !== undefined);
}

function isIdle({ change }: ResourceChange): boolean {
  return change.actions[0] === 'no-op' && (change.importing === undefined || change.importing === null);
}

function itemOf(object: PlannedObject, findings: readonly Finding[]): Item | undefined {
  const { kind, scope, key, entry, spec } = object;
  const resources = resourcesOf(object).flatMap(({ address, change: { actions } }) =>
    actions[0] === 'no-op' ? [] : [`${address} (${actions.join(', ')})`],
  );
  if (findings.length === 0 && resources.length === 0) return undefined;
  const telling = findings.filter((one) => one.verdict !== 'SAFE');
  const known =
    telling.length > 0
      ? telling
      : findings.length > 0
        ? findings
        : [finding('UNKNOWN', 'no rule knows what these changes do together')];
  const values = [
    ...(spec?.change.actions.includes('delete') && spec.change.actions.includes('create')
      ? changedFields(spec, 'triggers_replace')
      : []),
    ...(entry?.change.actions[0] === 'update' ? changedFields(entry, 'input') : []),
  ].filter(({ path }) => !['entryId', 'diskEntryIds', 'tags'].includes(path[0] ?? ''));
  const verdict = worst(known.map((one) => one.verdict));
  const restore = verdict === 'RECOVERABLE' ? restoreLine(object.from ?? object) : undefined;
  return {
    verdict,
    what: TITLES[kind],
    name: key,
    place: scope,
    address: entry?.address ?? spec?.address ?? key,
    findings: [...known].sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict)),
    values: values.map(shownChange),
    ...(restore === undefined ? {} : { restore }),
    resources,
  };
}

function strayFindings({ change }: ResourceChange): Finding[] | undefined {
  if (change.actions[0] === 'no-op') return undefined;
  if (change.actions.length === 1 && change.actions[0] === 'delete') {
    return [finding('ORPHAN', 'a record goes whose object has no entry in the state: nothing removes that object')];
  }
  return [finding('UNKNOWN', 'a record of an object that has no entry in this plan')];
}

function otherItem(one: ResourceChange, findings: readonly Finding[] | undefined): Item | undefined {
  if (findings === undefined) return undefined;
  const deposed = one.deposed === undefined ? [] : [finding('CHANGE', 'left over from an apply that was cut off')];
  const all = [...findings, ...deposed];
  return {
    verdict: worst(all.map(({ verdict }) => verdict)),
    what: one.type,
    name: one.address,
    address: one.address,
    findings: all,
    values: [],
    resources: [`${one.address} (${one.change.actions.join(', ')})`],
  };
}

function ownerOf(objects: readonly PlannedObject[]): { readonly stack: string; readonly workspace: string } {
  for (const { entry } of objects) {
    const { stack, workspace } = valuesOf(valuesOf(entry && inputOf(entry))['owner']);
    if (typeof stack === 'string' && typeof workspace === 'string') return { stack, workspace };
  }
  return { stack: '', workspace: '' };
}

/** Which number libvirt gives a domain that runs is no change: it is another with each start. */
function isTelling({ type, change }: ResourceChange): boolean {
  const withoutId = (value: unknown): object => ({ ...valuesOf(value), id: undefined });
  return type !== 'libvirt_domain' || !same(withoutId(change.before), withoutId(change.after));
}

function driftOf({ address, change }: ResourceChange): string {
  return `${address} (${change.actions.includes('delete') ? 'is gone' : 'was changed'})`;
}

function countsOf(changes: readonly ResourceChange[]): Review['counts'] {
  const count = (action: string): number =>
    changes.filter(({ change }) => change.actions.includes(action as 'create')).length;
  return { add: count('create'), change: count('update'), destroy: count('delete') };
}
