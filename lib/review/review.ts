import { same } from './changed-fields';
import { objectFindings, strayFindings } from './object-findings';
import { itemOf, otherItem, resourcesOf } from './items';
import { grouped } from './grouping';
import { inputOf, type PlannedObject } from './objects';
import { foreignResourceFindings } from './foreign-resource-findings';
import { picture } from './picture';
import { configured, type Plan, type ResourceChange } from './plan';
import { valuesOf } from './values';
import type { Item, Review } from './review-types';
import { VERDICTS, worst } from './verdicts';

/** Judges one plan: one line per object, the worst first. The same plan always gives the same review. */
export function review(plan: Plan): Review {
  const blocks = configured(plan);
  const { objects, stray, others } = grouped(plan, blocks);
  // A VM that moves stays one VM; any other object that becomes another leaves one behind.
  const gone = new Set(objects.flatMap(({ kind, from }) => (kind === 'domain' && from ? [from] : [])));
  // In a plan with thousands of resources nearly all are unchanged.
  const changing = objects.filter((one) => !gone.has(one) && resourcesOf(one).some((part) => !isIdle(part)));
  const items = [
    ...changing.flatMap((one) => itemOf(one, objectFindings(one, blocks)) ?? []),
    ...stray.flatMap((one) => otherItem(one, strayFindings(one)) ?? []),
    ...others.flatMap((one) => otherItem(one, foreignResourceFindings(one, blocks)) ?? []),
  ];
  const owner = ownerOf(objects);
  return {
    verdict: worst(items.map(({ verdict }) => verdict)),
    ...owner,
    items: items.sort(byVerdict),
    notAnalysed: items
      .filter(({ findings }) => findings.some(({ verdict }) => verdict === 'UNKNOWN'))
      .map(({ address }) => address),
    drift: [...new Set((plan.resource_drift ?? []).filter(isRelevant).map(driftOf))].sort(),
    partial: plan.complete === false,
    records: objects.flatMap(recordsOf).filter(({ change }) => change.actions[0] !== 'no-op').length,
    counts: countsOf(plan.resource_changes ?? []),
    picture: picture(objects, items),
  };
}

function recordsOf({ spec, helpers }: PlannedObject): ResourceChange[] {
  return [...(spec ? [spec] : []), ...helpers.filter(({ name }) => name.endsWith('_spec_confirmed'))];
}

function byVerdict(a: Item, b: Item): number {
  const rank = VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict);
  if (rank !== 0) return rank;
  const [left, right] = [`${a.what} ${a.name} ${a.address}`, `${b.what} ${b.name} ${b.address}`];
  return left < right ? -1 : left > right ? 1 : 0;
}

function isIdle({ change }: ResourceChange): boolean {
  return change.actions[0] === 'no-op' && (change.importing === undefined || change.importing === null);
}

function ownerOf(objects: readonly PlannedObject[]): { readonly stack: string; readonly workspace: string } {
  for (const { entry } of objects) {
    const { stack, workspace } = valuesOf(valuesOf(entry && inputOf(entry))['owner']);
    if (typeof stack === 'string' && typeof workspace === 'string') return { stack, workspace };
  }
  return { stack: '', workspace: '' };
}

/** The number that libvirt gives a running domain is no change: every start gives it another. */
function isRelevant({ type, change }: ResourceChange): boolean {
  const withoutId = (value: unknown): object => ({ ...valuesOf(value), id: undefined });
  return type !== 'libvirt_domain' || !same(withoutId(change.before), withoutId(change.after));
}

function driftOf({ address, change }: ResourceChange): string {
  return `${address} (${change.actions.includes('delete') ? 'was deleted' : 'was changed'})`;
}

function countsOf(changes: readonly ResourceChange[]): Review['counts'] {
  const count = (action: string): number =>
    changes.filter(({ change }) => change.actions.includes(action as 'create')).length;
  return { add: count('create'), change: count('update'), destroy: count('delete') };
}
