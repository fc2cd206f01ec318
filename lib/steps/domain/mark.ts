import type { DomainSpec, XmlFragment } from '../../model';
import { sameFragment } from '../../render/domain/fragments';
import { type Mark, markFor } from '../mark';

/** The mark of a VM, with the tokens of the registry entries of its data disks: a disk has no place for one of its own. */
export interface DomainMark extends Mark {
  readonly disks?: { readonly [target: string]: string };
  /** What was added as XML: by it one that is no longer wanted is known. */
  readonly xml?: readonly XmlFragment[];
}

export function domainMark(spec: DomainSpec): DomainMark {
  const mark = markFor(spec, spec.name);
  return { ...mark, disks: spec.diskRegistry, xml: spec.xml };
}

/** How the mark that is there differs, but for whose it is; empty: it does not. */
export function markDiffers(spec: DomainSpec, found: DomainMark | undefined): string {
  if (found?.token !== spec.registry) return 'its mark is that of another state of this stack';
  const entries = (mark: DomainMark): string => JSON.stringify(Object.entries(mark.disks ?? {}).sort());
  return entries(found) === entries(domainMark(spec)) ? '' : 'its mark names other registry entries of its disks';
}

/** What an earlier spec added as XML and this one does not. */
export function unwantedFragments(spec: DomainSpec, found: DomainMark | undefined): XmlFragment[] {
  return (found?.xml ?? []).filter((one) => !spec.xml?.some((wanted) => sameFragment(one, wanted)));
}
