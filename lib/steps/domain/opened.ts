import { parseMonitor, type DomainSpec } from '../../model';
import { ALIAS_PREFIX } from '../../render/domain/defaults';
import { attributeAt, find, findAll, type XmlElement } from '../../render/xml';
import { writtenImages } from '../gate';
import { aliasOf } from './view';

/** A domain's disks, and where their cluster is. */
type Disks = Pick<DomainSpec, 'disks' | 'monitors'>;

/** The RBD disks of a definition that can be written to, of whichever cluster. */
export function writtenDisks(definition: XmlElement): XmlElement[] {
  return findAll(definition, 'devices/disk')
    .filter((one) => attributeAt(one, 'source', 'protocol') === 'rbd' && find(one, 'readonly') === undefined)
    .filter((one) => (one.attributes['device'] ?? 'disk') !== 'cdrom');
}

/** "pool/image" */
export function imageOf(disk: XmlElement): string {
  return attributeAt(disk, 'source', 'name') ?? '';
}

/** "vdb" */
export function targetOf(disk: XmlElement): string {
  return attributeAt(disk, 'target', 'dev') ?? '';
}

/** Those of the domain's cluster: ours, or with one of its monitors. */
export function ofCluster({ monitors }: Pick<DomainSpec, 'monitors'>, disks: readonly XmlElement[]): XmlElement[] {
  const hosts = new Set(monitors.map((text) => parseMonitor(text)?.host));
  const isOurs = (disk: XmlElement): boolean => aliasOf(disk).startsWith(ALIAS_PREFIX);
  return disks.filter(
    (disk) => isOurs(disk) || findAll(disk, 'source/host').some(({ attributes }) => hosts.has(attributes['name'])),
  );
}

/**
 * "pool/image" of each image of the cluster that a domain would write to: what the spec gives it, and what its definition
 * has besides, attached by hand or added as XML.
 */
export function openedImages(spec: Disks, definition: XmlElement): string[] {
  const found = ofCluster(spec, writtenDisks(definition)).map(imageOf);
  return [...new Set([...writtenImages(spec.disks), ...found])];
}
