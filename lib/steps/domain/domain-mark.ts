import { type DomainSpec, type GivenDisks, givenDisks, type XmlFragment } from '../../model';
import { sameFragment } from '../../render/domain/fragments';
import { type Mark, markFor } from '../ownership/mark';

/** The mark of a VM, with the ids of its data disks' registry entries, because a disk has no place for its own. */
export interface DomainMark extends Mark, Partial<GivenDisks> {
  readonly disks?: { readonly [target: string]: string };
  /** The XML that was added, by which an element that is no longer wanted is recognized. */
  readonly xml?: readonly XmlFragment[];
}

export function domainMark(spec: DomainSpec): DomainMark {
  const mark = markFor(spec, spec.name);
  return { ...mark, ...givenDisks(spec), disks: spec.diskEntryIds, xml: spec.xml };
}

/** For a running VM: it keeps the disks with which it was started, and is given others. */
export function liveMark(spec: DomainSpec, found: DomainMark | undefined): DomainMark {
  const { images, monitors } = givenDisks(spec);
  return {
    ...domainMark(spec),
    images: { ...images, ...found?.images },
    monitors: [...new Set([...(found?.monitors ?? []), ...monitors])],
  };
}

/** How the existing mark differs, apart from its owner; empty if it does not. */
export function markDiffers(spec: DomainSpec, found: DomainMark | undefined): string {
  if (found === undefined) return 'it has no mark';
  if (found.entryId !== spec.entryId) return 'its mark names another entry of this stack';
  const wanted = domainMark(spec);
  const sorted = (texts: DomainMark['disks']): string => JSON.stringify(Object.entries(texts ?? {}).sort());
  if (sorted(found.disks) !== sorted(wanted.disks)) return 'its mark names other registry entries for its disks';
  const given = ({ images, monitors }: DomainMark): string => sorted(images) + JSON.stringify(monitors);
  return given(found) === given(wanted) ? '' : 'its mark does not record the images and monitors of its disks';
}

/** The XML that an earlier spec added and this one does not. */
export function unwantedFragments(spec: DomainSpec, found: DomainMark | undefined): XmlFragment[] {
  return (found?.xml ?? []).filter((one) => !spec.xml?.some((wanted) => sameFragment(one, wanted)));
}
