import { changedFields, type FieldChange } from './changed-fields';
import type { PlannedObject } from './objects';
import type { ResourceChange } from './plan';
import { restoreLine } from './removal-findings';
import { shownChange } from './shown-values';
import { reportedFields } from './spec-findings';
import { TITLES } from './titles';
import type { Item } from './review-types';
import { type Finding, finding, VERDICTS, worst } from './verdicts';

/** Every resource of the plan that is part of an object. */
export function resourcesOf({ entry, spec, helpers, providers, disks }: PlannedObject): ResourceChange[] {
  return [entry, spec, ...helpers, ...providers, ...disks].filter((one) => one !== undefined);
}

/** A line of the review; undefined if there is nothing to say. */
export function itemOf(object: PlannedObject, findings: readonly Finding[]): Item | undefined {
  const { kind, scope, key, entry, spec, from } = object;
  // A VM that moves is one object on two hosts.
  const both = kind === 'domain' && from ? [object, from] : [object];
  const resources = both
    .flatMap(resourcesOf)
    .flatMap(({ address, change: { actions } }) =>
      actions[0] === 'no-op' ? [] : [`${address} (${actions.join(', ')})`],
    );
  if (findings.length === 0 && resources.length === 0) return undefined;
  const notable = findings.filter((one) => one.verdict !== 'SAFE');
  const known =
    notable.length > 0
      ? notable
      : findings.length > 0
        ? findings
        : [finding('UNKNOWN', 'no rule knows what these changes do together')];
  const verdict = worst(known.map((one) => one.verdict));
  const restore = verdict === 'RECOVERABLE' ? restoreLine(object.from ?? object) : undefined;
  return {
    verdict,
    what: TITLES[kind],
    name: key,
    place: scope,
    address: entry?.address ?? spec?.address ?? key,
    findings: [...known].sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict)),
    values: changesOf(object).map(shownChange),
    ...(restore === undefined ? {} : { restore }),
    resources,
  };
}

/** The fields whose values a reader may want to see. */
function changesOf({ entry, spec }: PlannedObject): FieldChange[] {
  const isReplaced = spec?.change.actions.includes('delete') && spec.change.actions.includes('create');
  return [
    ...(spec && isReplaced ? reportedFields(spec) : []),
    ...(entry?.change.actions[0] === 'update'
      ? changedFields(entry, 'input').filter(({ path }) => path[0] !== 'v')
      : []),
  ];
}

/** The line for a resource that belongs to none of our objects. */
export function otherItem(one: ResourceChange, findings: readonly Finding[] | undefined): Item | undefined {
  if (findings === undefined) return undefined;
  const deposed = one.deposed === undefined ? [] : [finding('CHANGE', 'left over from an interrupted apply')];
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
