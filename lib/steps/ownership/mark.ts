import type { ObjectSpec, OwnerSpec, Removal } from '../../model';

/**
 * The mark that every object of ours carries, as JSON: who made it, what it marks and which registry entry holds it.
 * `id` is the identity of the marked object itself; copies and clones inherit marks, and a mark that names something
 * else does not count. A blank entry id means released (RETAIN).
 */
export interface Mark {
  readonly v: 1;
  readonly owner: OwnerSpec;
  readonly id: string;
  readonly entryId: string;
}

/** Where the mark is kept: the key in `ceph config-key` (a folder) and in image-meta. */
export const MARK_KEY = 'cdktf-libvirt-ceph';

/** Whose an existing object is, seen from a spec. */
export type Ownership = 'ours' | 'ours-other-entry' | 'released-by-us' | 'released' | 'foreign' | 'unmarked';

export function markFor(spec: ObjectSpec, id: string): Mark {
  return { v: 1, owner: spec.owner, id, entryId: spec.entryId };
}

/** `mark` is undefined if there is none; `id` is what it must name. */
export function ownershipOf(
  mark: Mark | undefined,
  spec: { readonly owner: OwnerSpec },
  entryId: string,
  id: string,
): Ownership {
  if (mark === undefined || mark.id !== id) return 'unmarked';
  if (mark.entryId !== '' && mark.entryId === entryId) return 'ours';
  const same = sameOwner(mark.owner, spec.owner);
  if (mark.entryId === '') return same ? 'released-by-us' : 'released';
  return same ? 'ours-other-entry' : 'foreign';
}

/** Only the entry whose id is in the mark may remove the object. */
export function mayRemove(mark: Mark | undefined, removal: Removal, id: string): boolean {
  return ownershipOf(mark, removal, removal.entryId, id) === 'ours';
}

/** "project 'shop', stack 'prod', workspace 'default'" */
export function ownerText(owner: OwnerSpec): string {
  return `project '${owner.project}', stack '${owner.stack}', workspace '${owner.workspace}'`;
}

/** "it is marked by project 'shop', stack 'prod', workspace 'default', entry 'b1'" */
export function markedBy(mark: Mark | undefined): string {
  return mark ? `it is marked by ${ownerText(mark.owner)}, entry '${mark.entryId}'` : 'it has no mark';
}

/** The mark in a text, or undefined if there is none that we can read. */
export function parseMark(text: string | undefined): Mark | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  try {
    const mark = JSON.parse(text) as Partial<Mark> | null;
    const complete =
      mark?.v === 1 &&
      typeof mark.owner === 'object' &&
      typeof mark.id === 'string' &&
      typeof mark.entryId === 'string';
    return complete ? (mark as Mark) : undefined;
  } catch {
    return undefined;
  }
}

export function sameOwner(a: OwnerSpec, b: OwnerSpec): boolean {
  return a.project === b.project && a.stack === b.stack && a.workspace === b.workspace;
}
