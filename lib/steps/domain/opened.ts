import { parseMonitor, type DomainSpec } from '../../model';
import { attributeAt, findAll, type XmlElement } from '../../render/xml';
import { writtenImages } from '../gate';
import { viewOf, type Part } from './view';

/** A domain's disks, and where their cluster is. */
type Disks = Pick<DomainSpec, 'disks' | 'monitors'>;

/**
 * "pool/image" of each image of the cluster that a domain would write to: what the spec gives it, and what its definition
 * has besides, attached by hand or added as XML.
 */
export function openedImages(spec: Disks, definition: XmlElement): string[] {
  const written = [...rbdDisks(spec, definition).values()].filter(({ fields }) => {
    return fields['read-only'] === undefined && fields['device'] !== 'cdrom';
  });
  return [...new Set([...writtenImages(spec.disks), ...written.map(imageOf)])];
}

/** The disks of a definition, by target, that are images of the cluster. */
export function rbdDisks({ monitors }: Disks, definition: XmlElement): ReadonlyMap<string, Part> {
  const hosts = new Set(monitors.map((text) => parseMonitor(text)?.host));
  const isOfCluster = ({ ours, element }: Part): boolean =>
    attributeAt(element, 'source', 'protocol') === 'rbd' &&
    (ours || findAll(element, 'source/host').some(({ attributes }) => hosts.has(attributes['name'])));
  return new Map([...viewOf(definition).disks].filter(([, disk]) => isOfCluster(disk)));
}

export function imageOf({ fields }: Part): string {
  return fields['image'] ?? '';
}
