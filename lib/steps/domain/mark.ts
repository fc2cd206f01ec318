import { type DomainSpec, type GivenDisks, givenDisks, type XmlFragment } from '../../model';
import { sameFragment } from '../../render/domain/fragments';
import { type Mark, markFor } from '../ownership/mark';

/** The mark of a VM, with the ids of the registry entries of its data disks: a disk has no place for one of its own. */
export interface DomainMark extends Mark, Partial<GivenDisks> {
  readonly disks?: { readonly [target: string]: string };
  /** What was added as XML: by it one that is no longer wanted is known. */
  readonly xml?: readonly XmlFragment[];
}

export function domainMark(spec: DomainSpec): DomainMark {
  const mark = markFor(spec, spec.name);
  return { ...mark, ...givenDisks(spec), disks: spec.diskEntryIds, xml: spec.xml };
}

/** For a VM that runs: it keeps the disks that it was started with, and is given others. */
export function liveMark(spec: DomainSpec, found: DomainMark | undefined): DomainMark {
  const { images, monitors } = givenDisks(spec);
  return {
    ...domainMark(spec),
    images: { ...images, ...found?.images },
    monitors: [...new Set([...(found?.monitors ?? []), ...monitors])],
  };
}

/** How the mark that is there differs, but for whose it is; empty: it does not. */
export function markDiffers(spec: DomainSpec, found: DomainMark | undefined): string {
  if (found === undefined) return 'it has no mark';
  if (found.entryId !== spec.entryId) return 'its mark is that of another state of this stack';
  const wanted = domainMark(spec);
  const sorted = (texts: DomainMark['disks']): string => JSON.stringify(Object.entries(texts ?? {}).sort());
  if (sorted(found.disks) !== sorted(wanted.disks)) return 'its mark names other registry entries of its disks';
  const given = ({ images, monitors }: DomainMark): string => sorted(images) + JSON.stringify(monitors);
  return given(found) === given(wanted) ? '' : 'its mark does not say what its disks are';
}

/** What an earlier spec added as XML and this one does not. */
export function unwantedFragments(spec: DomainSpec, found: DomainMark | undefined): XmlFragment[] {
  return (found?.xml ?? []).filter((one) => !spec.xml?.some((wanted) => sameFragment(one, wanted)));
}
