import type { ResourceChange } from './plan';
import { textOf, valuesOf } from './values';

/** A field of a spec that changes; `unknown`: its value is known only after the apply. */
export interface FieldChange {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
  readonly unknown: boolean;
  readonly sensitive: boolean;
}

/** The fields that differ, disks by target and interfaces by MAC address. */
export function changedFields(one: ResourceChange, member: 'triggers_replace' | 'input'): readonly FieldChange[] {
  // Called for the reasons, and again for the values.
  const known = CHANGED.get(one)?.[member];
  if (known !== undefined) return known;
  const found = lookedUp(one, member);
  CHANGED.set(one, { ...CHANGED.get(one), [member]: found });
  return found;
}

const CHANGED = new WeakMap<ResourceChange, { readonly [member: string]: readonly FieldChange[] }>();

function lookedUp({ change }: ResourceChange, member: 'triggers_replace' | 'input'): readonly FieldChange[] {
  const part = (value: unknown): unknown => valuesOf(value)[member];
  const unknown = part(change.after_unknown);
  const state: Walk = {
    found: [],
    sensitive: [part(change.before_sensitive), part(change.after_sensitive)],
  };
  if (unknown === true)
    return [{ path: [], before: part(change.before), after: undefined, unknown: true, sensitive: true }];
  walk(byKey(part(change.before)), byKey(part(change.after)), unknown, [], state);
  return state.found;
}

interface Walk {
  readonly found: FieldChange[];
  readonly sensitive: readonly unknown[];
}

function walk(before: unknown, after: unknown, unknown: unknown, path: readonly string[], state: Walk): void {
  const isTree = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (unknown === true) return add({ before, after: undefined, unknown: true }, path, state);
  const depth = path[0] === 'disks' || path[0] === 'networkInterfaces' ? 3 : 1;
  // An empty list counts as not set.
  const isOpen = (value: unknown): boolean => isTree(value) || (value == null && path.length < Math.min(depth, 2));
  if (path.length < depth && isOpen(before) && isOpen(after) && (path.length === 0 || depth === 3)) {
    const [was, is, late] = [valuesOf(before), valuesOf(after), valuesOf(unknown)];
    const names = new Set([
      ...Object.keys(was),
      ...Object.keys(is),
      ...Object.keys(late).filter((one) => hasTrue(late[one])),
    ]);
    for (const name of names) walk(was[name], is[name], late[name], [...path, name], state);
    return;
  }
  if (hasTrue(unknown)) return add({ before, after: undefined, unknown: true }, path, state);
  if (!same(before, after)) add({ before, after, unknown: false }, path, state);
}

function add(one: Pick<FieldChange, 'before' | 'after' | 'unknown'>, path: readonly string[], state: Walk): void {
  state.found.push({ ...one, path, sensitive: state.sensitive.some((marks) => isMarked(marks, path)) });
}

/** A list of interfaces by MAC address, so that removing one does not shift the others. */
function byKey(spec: unknown): unknown {
  const { networkInterfaces: nics, ...fields } = valuesOf(spec);
  if (!Array.isArray(nics)) return spec;
  const keyed = nics.map(
    (nic, index) => [textOf(valuesOf(nic)['macAddress']) ?? String(index), nic as unknown] as const,
  );
  return { ...fields, networkInterfaces: Object.fromEntries(keyed) };
}

function isMarked(marks: unknown, path: readonly string[]): boolean {
  if (marks === true) return true;
  const [first, ...rest] = path;
  if (first === undefined) return hasTrue(marks);
  const inside = valuesOf(marks);
  return first in inside ? isMarked(inside[first], rest) : false;
}

function hasTrue(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === true;
  return Object.values(value).some(hasTrue);
}

/** Terraform shows null for what is not set. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b || (a ?? undefined) === (b ?? undefined)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [valuesOf(a), valuesOf(b)];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((name) => same(left[name], right[name]));
}
