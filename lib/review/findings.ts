import { changedFields, textOf } from './fields';
import { type PlannedObject, valuesOf } from './objects';
import type { Blocks, ResourceChange } from './plan';
import { providerFindings } from './provider';
import { removed } from './removal';
import { specFindings } from './spec';
import { TITLES } from './titles';
import { type Finding, finding } from './verdict';

/** What a plan does to one object. */
export function objectFindings(object: PlannedObject, blocks: Blocks): Finding[] {
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
    return [finding('CHANGE', 'it gets another mark, and stays as it is')];
  }
  if (actions[0] === 'update') return changedFields(entry, 'input').flatMap(({ path }) => updated(path[0] ?? ''));
  if (actions.length > 1 || actions[0] !== 'create') {
    return importing === undefined || importing === null
      ? []
      : [finding('CHANGE', 'what is there comes under management')];
  }
  const fields = valuesOf(valuesOf(spec?.change.after)['triggers_replace']);
  if (fields['adopt'] === true)
    return [finding('CHANGE', 'if it exists, it is taken over with its data; otherwise it is created')];
  if (from === undefined && spec?.change.before != null)
    return [finding('CHANGE', `its entry is created again, and the ${TITLES[kind]} taken back`)];
  return [finding('SAFE', 'it is created')];
}

function updated(field: string): Finding[] {
  if (field === 'removalPolicy' || field === 'trashExpiry') {
    return [finding('CHANGE', `\`${field}\` counts from the next removal on; nothing is removed now`)];
  }
  if (field === 'owner') return [finding('CHANGE', 'it belongs to another project, stack or workspace from now on')];
  return [finding('SAFE', `\`${field || 'every field'}\`: what a later removal is given`)];
}

/** A record that is made, replaced or removed without a change of a field. */
function recordFindings({ entry, spec, helpers, from }: PlannedObject): Finding[] {
  const entryIdle = entry?.change.actions[0] === 'no-op';
  const records = helpers.filter(
    ({ change, name }) => change.actions[0] !== 'no-op' && !name.endsWith('_domain_stops'),
  );
  if (spec === undefined || spec.change.actions[0] === 'no-op') {
    return entryIdle && records.length > 0
      ? [finding('CHANGE', 'it is checked once more, and repaired where it differs')]
      : [];
  }
  const { actions } = spec.change;
  if (actions.includes('forget'))
    return [finding('ORPHAN', 'Terraform forgets what the code says of it; nothing mends it any more')];
  if (!entryIdle || from !== undefined) return [];
  if (actions[0] === 'create' && actions.length === 1)
    return [finding('CHANGE', 'its record was lost: it is checked, and repaired where it differs')];
  if (actions.length === 1 && actions[0] === 'delete')
    return [finding('CHANGE', 'its record goes; it stays, and its entry still manages it')];
  if (spec.action_reason === 'replace_by_request')
    return [finding('CHANGE', 'asked for by -replace: it is checked, and repaired where it differs')];
  if (spec.action_reason === 'replace_because_tainted')
    return [finding('CHANGE', 'its last apply failed: it is checked, and repaired where it differs')];
  return [];
}

function diskFindings({ disks, entry }: PlannedObject): Finding[] {
  if (entry?.change.actions.includes('delete')) return [];
  return disks.flatMap(({ index, change, action_reason: reason }) => {
    if (!change.actions.includes('delete') || reason === 'replace_because_tainted') return [];
    const target = textOf(String(index).replace(/^.*\//, '')) ?? 'a disk';
    return change.actions.length > 1
      ? [finding('OUTAGE', `its disk ${target} is detached and attached again`)]
      : [finding('CHANGE', `its disk ${target} is detached; the image has its own removal policy`)];
  });
}

export function strayFindings({ change }: ResourceChange): Finding[] | undefined {
  if (change.actions[0] === 'no-op') return undefined;
  if (change.actions.length === 1 && change.actions[0] === 'delete') {
    return [finding('ORPHAN', 'a record goes whose object has no entry in the state: nothing removes that object')];
  }
  return [finding('UNKNOWN', 'a record of an object that has no entry in this plan')];
}
