import { attributeAt, elementsOf, find, type XmlElement } from '../../render/xml';

/** A CD, or a disk that is given read-only. */
export function isOnlyRead(disk: XmlElement): boolean {
  return (disk.attributes['device'] ?? 'disk') !== 'disk' || find(disk, 'readonly') !== undefined;
}

/** The layers below a disk; libvirt ends a chain that it knows completely with an empty element. */
export function layersBelow(disk: XmlElement): XmlElement[] {
  const below = find(disk, 'backingStore');
  return below === undefined || elementsOf(below).length === 0 ? [] : [below, ...layersBelow(below)];
}

/** What a disk or a layer of it reads, for messages: "'pool/image'", "'/srv/web1.s1'". */
export function sourceText(layer: XmlElement): string {
  const { protocol, name, file, dev, dir, pool, volume } = find(layer, 'source')?.attributes ?? {};
  const path = protocol === 'rbd' ? name : protocol === undefined ? (file ?? dev ?? dir) : `${protocol}:${name ?? ''}`;
  const snapshot = attributeAt(layer, 'source/snapshot', 'name');
  const text = volume === undefined ? path : `${pool ?? ''}/${volume}`;
  if (text === undefined) return `a disk of type ${layer.attributes['type'] ?? 'none'}`;
  return `'${text}${snapshot === undefined ? '' : `@${snapshot}`}'`;
}
