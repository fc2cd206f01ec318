import { SPEC_VERSION } from '../model';
import { diskFindings } from './disk-findings';
import { changedFields } from './changed-fields';
import { inputOf, type PlannedKind, type PlannedObject } from './objects';
import type { Blocks, ResourceChange } from './plan';
import { leftUndefined, providerFindings } from './provider-findings';
import { removalFindings } from './removal-findings';
import { repairFinding } from './repair-finding';
import { specFindings } from './spec-findings';
import { powerOff, valuesOf } from './values';
import { type Finding, finding } from './verdicts';

/** What a plan does to one object. */
export function objectFindings(object: PlannedObject, blocks: Blocks): Finding[] {
  const version = newerVersion(object);
  if (version !== undefined) return [version];
  const gone = removalFindings(object) ?? [];
  const moves = object.from?.entry?.change.actions.includes('delete') ? movedHost(object) : [];
  const undefinedOnly = leftUndefined(object, blocks);
  return [
    ...gone,
    ...moves,
    ...entryFindings(object),
    // The other findings of such a partial plan suppose a VM that is defined.
    ...(undefinedOnly.length > 0 ? undefinedOnly : specFindings(object)),
    ...recordFindings(object),
    ...diskFindings(object),
    ...providerFindings(object),
  ];
}

/** An object that a newer release writes, or wrote. Its removal has a rule of its own. */
function newerVersion({ entry }: PlannedObject): Finding | undefined {
  if (entry === undefined || entry.change.actions.includes('delete')) return undefined;
  const versions = [entry.change.before, entry.change.after].map((one) => valuesOf(valuesOf(one)['input'])['v']);
  const newer = versions.find((one) => one !== undefined && one !== null && one !== SPEC_VERSION);
  if (newer === undefined) return undefined;
  return finding(
    'UNKNOWN',
    `it is written in version ${typeof newer === 'number' ? newer : '?'}: judge this plan with a newer release`,
  );
}

function movedHost({ kind, scope, key, from }: PlannedObject): Finding[] {
  if (kind !== 'domain' || from === undefined) return [];
  const off = powerOff(valuesOf(from.entry && inputOf(from.entry))['shutdownTimeout']);
  const [how, where] =
    from.scope === scope
      ? [`it is renamed from '${from.key}' to '${key}'`, '']
      : [`it moves from ${from.scope} to ${scope}, not live`, ` on ${scope}`];
  return [finding('OUTAGE', `${how}: it is shut down (${off}), then defined and started${where}; its images are kept`)];
}

function entryFindings({ entry, spec, kind, from }: PlannedObject): Finding[] {
  if (entry === undefined) return [];
  const { actions, importing } = entry.change;
  if (entry.action_reason === 'replace_because_tainted' && actions.length > 1) {
    return [finding('CHANGE', 'only its ownership mark is written again')];
  }
  if (actions[0] === 'update') return changedFields(entry, 'input').flatMap(({ path }) => updated(path[0] ?? ''));
  if (actions.length > 1 || actions[0] !== 'create') {
    return importing === undefined || importing === null
      ? []
      : [finding('CHANGE', 'the existing object comes under management')];
  }
  const fields = valuesOf(valuesOf(spec?.change.after)['triggers_replace']);
  if (fields['adopt'] === true)
    return [finding('CHANGE', 'if it exists, it is taken over with its data; otherwise it is created')];
  if (from === undefined && spec?.change.before != null)
    return [finding('CHANGE', 'Terraform lost its entry: it is taken back')];
  return [finding('SAFE', CREATED[kind] ?? 'it is created')];
}

const CREATED: { readonly [K in PlannedKind]?: string } = {
  'ceph-secret': "it is created; from then on the host holds its user's key",
};

function updated(field: string): Finding[] {
  if (field === 'removalPolicy' || field === 'trashExpiry') {
    return [finding('CHANGE', `\`${field}\` applies to later removals; nothing is removed now`)];
  }
  if (field === 'owner') return [finding('CHANGE', 'it will belong to another project, stack or workspace')];
  return [finding('SAFE', `\`${field || 'every field'}\`: has no effect now, only on its removal`)];
}

/** A record that is made, replaced or removed without a change of a field. */
function recordFindings({ kind, entry, spec, helpers, from }: PlannedObject): Finding[] {
  const compared = (why: string): Finding[] => [repairFinding(kind, spec?.change.after ?? spec?.change.before, why)];
  const entryIdle = entry?.change.actions[0] === 'no-op';
  const records = helpers.filter(
    ({ change, name }) => change.actions[0] !== 'no-op' && !name.endsWith('_domain_stops'),
  );
  if (spec === undefined || spec.change.actions[0] === 'no-op') {
    return entryIdle && records.length > 0 ? compared('it is checked again') : [];
  }
  const { actions } = spec.change;
  if (actions.includes('forget'))
    return [
      finding('ORPHAN', 'Terraform forgets its settings: the object stays as it is, and no apply checks it any more'),
    ];
  if (!entryIdle || from !== undefined) return [];
  if (actions[0] === 'create' && actions.length === 1) return compared('Terraform lost its settings');
  if (actions.length === 1 && actions[0] === 'delete')
    return [
      finding('CHANGE', 'its settings leave Terraform; the object stays as it is, and its entry still manages it'),
    ];
  if (spec.action_reason === 'replace_by_request') return compared('checked again, as -replace asks');
  if (spec.action_reason === 'replace_because_tainted') return compared('its last apply failed part-way');
  return [];
}

export function strayFindings({ change }: ResourceChange): Finding[] | undefined {
  if (change.actions[0] === 'no-op') return undefined;
  if (change.actions.length === 1 && change.actions[0] === 'delete') {
    return [
      finding('ORPHAN', 'these settings leave Terraform, but their object has no entry there: nothing removes it'),
    ];
  }
  return [finding('UNKNOWN', 'settings of an object that has no entry in this plan')];
}
