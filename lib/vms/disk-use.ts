import type { ClusterSpec } from '../model';
import { attributeAt, findAll, type XmlElement } from '../render/xml';
import { rbd } from '../steps/commands';
import { type ClusterOfDomain, isOfCluster } from '../steps/domain/disk-cluster';
import { ToolError, type Tools } from '../steps/tools';

/** A disk of a VM: what it shows, how large that is and how much of it is written. */
export interface DiskUse {
  readonly target: string;
  readonly device: string;
  /** "pool/image"; of a disk that is none in RBD its file, or what else it is. Absent: an empty drive. */
  readonly source?: string;
  /** Bytes, as is `used`, which counts the image's snapshots too. Absent: not an RBD image. */
  readonly size?: number;
  readonly used?: number;
  /** Why its size is not known. */
  readonly problem?: string;
}

/** The disks of a definition, CDs last, with what Ceph says of their images. */
export async function disksIn(vm: ClusterOfDomain, definition: XmlElement, tools: Tools): Promise<DiskUse[]> {
  const found: DiskUse[] = [];
  for (const disk of findAll(definition, 'devices/disk')) {
    const attribute = (name: string) => attributeAt(disk, 'source', name);
    const about = { target: attributeAt(disk, 'target', 'dev') ?? '', device: disk.attributes['device'] ?? 'disk' };
    const source = attribute('name') ?? attribute('file') ?? attribute('dev') ?? attribute('volume');
    const inRbd = source !== undefined && attribute('protocol') === 'rbd';
    const known = inRbd && (await isOfCluster(vm, disk, tools));
    const problem = inRbd ? { problem: 'it was attached by hand, and may be of another cluster' } : {};
    found.push({ ...about, source, ...(known ? await useOf(vm.cluster, source, tools) : problem) });
  }
  return found.sort((a, b) => Number(a.device !== 'disk') - Number(b.device !== 'disk'));
}

/** By the image's own map of what is written; without one (`fast-diff`) Ceph counts its objects, which takes a while. */
async function useOf(cluster: ClusterSpec, image: string, tools: Tools): Promise<Partial<DiskUse>> {
  const command = rbd(cluster, 'du', '--format', 'json', image);
  const outcome = await tools.attempt(command);
  if (outcome.exitCode !== 0) return { problem: new ToolError(command, outcome).message };
  return parseUse(outcome.stdout);
}

/** A line for each snapshot, and one for what is there now: the last, which alone has no snapshot's name. */
export function parseUse(stdout: string): { readonly size: number; readonly used: number } {
  const { images } = JSON.parse(stdout) as {
    images: { snapshot?: string; provisioned_size: number; used_size: number }[];
  };
  return {
    size: images.find(({ snapshot }) => snapshot === undefined)?.provisioned_size ?? 0,
    used: images.reduce((sum, { used_size }) => sum + used_size, 0),
  };
}
