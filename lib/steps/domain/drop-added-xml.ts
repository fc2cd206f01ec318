import type { XmlFragment } from '../../model';
import { dropFragments, missingFragments } from '../../render/domain/fragments';
import type { XmlElement } from '../../render/xml';
import { type Comparable, comparableOf, type Part } from './compared-fields';

/**
 * Removes what an earlier spec added as XML and this one does not. A setting may have moved from `addXml` to its prop:
 * what the wanted definition contains too is left to the update, which keeps its address, and so is a disk or network
 * interface that the update replaces. Afterwards this could no longer be told from what the prop has put in place.
 */
export function dropAddedXml(domain: XmlElement, wanted: XmlElement, unwanted: readonly XmlFragment[]): void {
  const [is, should] = [comparableOf(domain), comparableOf(wanted)].map(partsOf) as [
    Map<string, Part>,
    Map<string, Part>,
  ];
  const kept = [...is].filter(([key, { ours }]) => ours || should.has(key)).map(([, { element }]) => element);
  // Our own devices are recognized by their alias, so an equal one without it is not the same.
  const ours = [...should.values()].map(({ element }) => element);
  dropFragments(domain, missingFragments(wanted, unwanted, ours), kept);
}

function partsOf({ disks, interfaces, devices }: Comparable): Map<string, Part> {
  return new Map([...disks, ...interfaces, ...devices]);
}
