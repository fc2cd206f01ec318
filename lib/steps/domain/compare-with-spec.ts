import type { DomainSpec } from '../../model';
import { addFragments, missingFragments } from '../../render/domain/fragments';
import { plainDomainXml } from '../../render/domain/domain-xml';
import type { XmlElement } from '../../render/xml';
import { differences, textOf } from './compare-definition';
import { domainMark, markDiffers, unwantedFragments } from './domain-mark';
import type { ObservedDomain } from './observed-domain';
import { type Comparable, comparableOf } from './compared-fields';

/** What the spec decides field by field, without the XML that it adds. */
export function wantedXml(spec: DomainSpec): XmlElement {
  return plainDomainXml(spec, JSON.stringify(domainMark(spec)));
}

/** With the fields that added XML sets although they have a prop; its devices are compared as XML. */
export function decidedBy(spec: DomainSpec): Comparable {
  const { fields } = comparableOf(addFragments(wantedXml(spec), spec.xml));
  return { ...comparableOf(wantedXml(spec)), fields };
}

/** How a definition differs from the spec, in the words of a plan; empty if it does not. */
export function definitionDiffers(spec: DomainSpec, found: ObservedDomain): string {
  const lost = found.persistent ? [] : ['it runs, but is no longer defined'];
  const rest = textOf(differences(decidedBy(spec), comparableOf(found.definition)));
  const added = missingFragments(found.definition, spec.xml).map(({ fragment }) => `${fragment} is missing`);
  const left = unwantedFragments(spec, found.mark).map(({ fragment }) => `${fragment} is no longer wanted`);
  return [...lost, markDiffers(spec, found.mark), rest, ...added, ...left].filter((text) => text !== '').join('; ');
}
