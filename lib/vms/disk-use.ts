import { CephError } from '../ceph';
import { type ClusterSpec, parseImageSpec } from '../model';
import { attributeAt, findAll, type XmlElement } from '../render/xml';
import { type ClusterOfDomain, isOfCluster } from '../steps/domain/disk-cluster';
import { Refusal, ToolError, type Tools } from '../steps/tools';

/** A disk of a VM: its content, its size and how much of it is written. */
export interface DiskUse {
  readonly target: string;
  readonly device: string;
  /** "pool/image"; for a disk that is not in RBD, its file or whatever it is. Absent: an empty drive. */
  readonly source?: string;
  /** Bytes, as is `used`, which counts the image's snapshots too. Absent: not an RBD image. */
  readonly size?: number;
  readonly used?: number;
  /** Why its size is unknown. */
  readonly problem?: string;
}

/** The disks of a definition, CDs last, with what Ceph knows about their images. */
export async function disksIn(vm: ClusterOfDomain, definition: XmlElement, tools: Tools): Promise<DiskUse[]> {
  const found: DiskUse[] = [];
  for (const disk of findAll(definition, 'devices/disk')) {
    const attribute = (name: string) => attributeAt(disk, 'source', name);
    const about = { target: attributeAt(disk, 'target', 'dev') ?? '', device: disk.attributes['device'] ?? 'disk' };
    const source = attribute('name') ?? attribute('file') ?? attribute('dev') ?? attribute('volume');
    const inRbd = source !== undefined && attribute('protocol') === 'rbd';
    const known = inRbd && (await isOfCluster(vm, disk, tools));
    const problem = inRbd ? { problem: 'it was attached by hand and may be in another cluster' } : {};
    found.push({ ...about, source, ...(known ? await useOf(vm.cluster, source, tools) : problem) });
  }
  return found.sort((a, b) => Number(a.device !== 'disk') - Number(b.device !== 'disk'));
}

/** A cluster that does not answer must not hide what the host says. */
async function useOf(cluster: ClusterSpec, image: string, tools: Tools): Promise<Partial<DiskUse>> {
  try {
    const space = await tools.ceph(cluster).imageSpace(parseImageSpec(image));
    return space ?? { problem: `image '${image}' does not exist` };
  } catch (error) {
    if (error instanceof CephError || error instanceof ToolError || error instanceof Refusal) {
      return { problem: error.message };
    }
    throw error;
  }
}
