import type { Note } from '../step';
import { Refusal } from '../tools';
import { type Mark, type Ownership, ownerText } from './mark';

/** What a kind tells of one of its objects that is there. */
export interface Claimed {
  /** "image 'vms/web1'" */
  readonly title: string;
  readonly mark: Mark | undefined;
  readonly ownership: Ownership;
  /** The kind takes over what nobody holds where it is told to, and then keeps that: " with its data". */
  readonly adoption?: { readonly adopt: boolean | undefined; readonly keeps?: string };
  /** What else there is to do about what another owner holds. */
  readonly whereHeld: string;
  /** What else there is to do about what nobody of this tool holds: "choose another name". */
  readonly whereUnheld: string;
}

/** Throws where what is there is not ours to take: another owner holds it, or nobody does and it is not to be adopted. */
export function refuseOthers({ title, mark, ownership, adoption, whereHeld, whereUnheld }: Claimed): void {
  if (mark !== undefined && ownership === 'foreign') {
    throw new Refusal(`${title} belongs to ${ownerText(mark.owner)}`, whereHeld, 'foreign-owner');
  }
  if (adoption?.adopt === true || (ownership !== 'unmarked' && ownership !== 'released')) return;
  const isReleased = mark !== undefined && ownership === 'released';
  const whose = isReleased ? `was released by ${ownerText(mark.owner)}` : 'is there and was not made by this stack';
  const next = adoption === undefined ? '' : `set 'adopt: true' to take it over${adoption.keeps ?? ''}, or `;
  throw new Refusal(`${title} ${whose}`, `${next}${whereUnheld}`, 'unmarked');
}

/** By its id the entry that held a thing is known, should its state be found again. */
export function takenBack(title: string, { mark, ownership }: Pick<Claimed, 'mark' | 'ownership'>): readonly Note[] {
  if (ownership !== 'ours-other-entry') return [];
  const from = `the entry '${mark?.entryId}' of another or lost state of this stack`;
  return [{ warn: `${title} is taken back from ${from}; if that state still exists, destroy nothing with it` }];
}

/** What an entry that leaves does with what it did not make, or what another has taken back since. */
export function leftAlone(title: string): Note {
  return { say: `${title} is not, or no longer, what this entry made: it stays` };
}
