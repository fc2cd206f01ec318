import type { Note } from '../step';
import { Refusal } from '../tools';
import { type Mark, type Ownership, ownerText } from './mark';

/** What a kind knows about one of its existing objects. */
export interface Claimed {
  /** "image 'vms/web1'" */
  readonly title: string;
  readonly mark: Mark | undefined;
  readonly ownership: Ownership;
  /** Only for kinds that can adopt an object without an owner; `keeps` says what it keeps then: " with its data". */
  readonly adoption?: { readonly adopt: boolean | undefined; readonly keeps?: string };
  /** What to do about an object that another stack owns. */
  readonly whereHeld: string;
  /** What else to do about an object that no stack owns: "choose another name". */
  readonly whereUnheld: string;
}

/** Throws if the object is not ours to take: another stack owns it, or no stack does and `adopt` is not set. */
export function refuseOthers({ title, mark, ownership, adoption, whereHeld, whereUnheld }: Claimed): void {
  if (mark !== undefined && ownership === 'foreign') {
    throw new Refusal(`${title} belongs to ${ownerText(mark.owner)}`, whereHeld, 'foreign-owner');
  }
  if (adoption?.adopt === true || (ownership !== 'unmarked' && ownership !== 'released')) return;
  const isReleased = mark !== undefined && ownership === 'released';
  const whose = isReleased
    ? `was released by ${ownerText(mark.owner)}`
    : 'already exists and does not belong to this stack';
  const next = adoption === undefined ? '' : `set 'adopt: true' to take it over${adoption.keeps ?? ''}, or `;
  throw new Refusal(`${title} ${whose}`, `${next}${whereUnheld}`, 'unmarked');
}

/** Names the entry that owned the object before, in case its state is found again. */
export function takenBack(title: string, { mark, ownership }: Pick<Claimed, 'mark' | 'ownership'>): readonly Note[] {
  if (ownership !== 'ours-other-entry') return [];
  const from = `the entry '${mark?.entryId}' of another or lost state of this stack`;
  return [{ warn: `${title} is taken back from ${from}; if that state still exists, destroy nothing with it` }];
}

/** A removal does not touch what its entry did not create, nor what another entry has taken back since. */
export function leftAlone(title: string): Note {
  return { say: `${title} does not (or no longer) belong to this entry, so it is kept` };
}
