import { type DomainSpec, parseImageSpec } from '../../model';
import { attributeAt, find, findAll, type XmlElement } from '../../render/xml';
import { rbd } from '../commands';
import { writtenImages } from '../wait-for-free-images';
import type { Tools } from '../tools';
import { type ClusterOfDomain, isOfCluster, monitorsOf } from './disk-cluster';

/** A domain's disks, and where their cluster is. */
type Disks = ClusterOfDomain & Pick<DomainSpec, 'disks'>;

/** The writable RBD disks of a definition, of any cluster. */
export function writtenDisks(definition: XmlElement): XmlElement[] {
  return findAll(definition, 'devices/disk')
    .filter((one) => attributeAt(one, 'source', 'protocol') === 'rbd' && find(one, 'readonly') === undefined)
    .filter((one) => (one.attributes['device'] ?? 'disk') !== 'cdrom' && findAll(one, 'source/snapshot').length === 0);
}

/** "pool/image" */
export function imageOf(disk: XmlElement): string {
  return attributeAt(disk, 'source', 'name') ?? '';
}

/** "vdb" */
export function targetOf(disk: XmlElement): string {
  return attributeAt(disk, 'target', 'dev') ?? '';
}

/** The disks that are images of the domain's cluster. */
export async function ofCluster(
  spec: ClusterOfDomain,
  disks: readonly XmlElement[],
  tools: Tools,
): Promise<XmlElement[]> {
  const found: XmlElement[] = [];
  for (const disk of disks) if (await isOfCluster(spec, disk, tools)) found.push(disk);
  return found;
}

/**
 * "pool/image" of each image of the cluster that a domain would have for itself to write to: those of the spec, and
 * those that its definition has besides, attached by hand or added as XML. A disk that several VMs share on purpose is
 * not included.
 */
export async function imagesWrittenAlone(spec: Disks, definition: XmlElement, tools: Tools): Promise<string[]> {
  const alone = writtenDisks(definition).filter((disk) => find(disk, 'shareable') === undefined);
  const found = await ofCluster(spec, alone, tools);
  for (const disk of alone) if (monitorsOf(disk).length === 0 && (await isImage(spec, disk, tools))) found.push(disk);
  return [...new Set([...writtenImages(spec.disks), ...found.map(imageOf)])];
}

/** Whether the cluster has an image of that name: a disk that names no monitor may be that image. */
async function isImage({ cluster }: ClusterOfDomain, disk: XmlElement, tools: Tools): Promise<boolean> {
  const { pool, name, snapshot } = parseImageSpec(imageOf(disk));
  if (pool === '' || snapshot !== undefined) return false;
  return (await tools.attempt(rbd(cluster, 'info', `${pool}/${name}`))).exitCode === 0;
}
