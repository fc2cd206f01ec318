import { type ClusterSpec, type DomainSpec, parseImageSpec } from '../model';
import type { XmlElement } from '../render/xml';
import { monitorAddresses } from '../steps/ceph-monitors';
import { isOfCluster, monitorsOf } from '../steps/domain/disk-cluster';
import { imageOf, targetOf, writtenDisks } from '../steps/domain/written-disks';
import { type ImageRef } from '../steps/rbd-image/image';
import { Refusal, type Tools } from '../steps/tools';

/** A disk of a VM: where it shows, and its image. */
export interface VmDisk {
  readonly target: string;
  readonly image: ImageRef;
  /** "pool/image" */
  readonly spec: string;
}

/** What the VM has now, also what was attached by hand; where there is no VM, what the stack gives it. */
export function disksOf(
  { name, cluster, disks }: Pick<DomainSpec, 'name' | 'cluster' | 'disks'>,
  definition: XmlElement | undefined,
): VmDisk[] {
  if (definition === undefined) {
    return Object.entries(disks)
      .filter(([, { readOnly, cdrom }]) => !readOnly && !cdrom)
      .map(([target, { image }]) => diskOf(name, cluster, target, image));
  }
  return writtenDisks(definition).map((one) => diskOf(name, cluster, targetOf(one), imageOf(one)));
}

/** Throws when a disk that was attached by hand is of another cluster: its name is that of another image here. */
export async function refuseStrange(
  spec: Pick<DomainSpec, 'name' | 'host' | 'cluster' | 'monitors'>,
  definition: XmlElement,
  tools: Tools,
): Promise<void> {
  for (const disk of writtenDisks(definition)) {
    if (await isOfCluster(spec, disk, tools)) continue;
    const known = await monitorAddresses(spec.cluster, tools);
    const named = monitorsOf(disk).map(({ host, port }) => (port === undefined ? host : `${host} port ${port}`));
    throw new Refusal(
      `disk ${targetOf(disk)} of VM '${spec.name}' may have the '${imageOf(disk)}' of another cluster: its monitors are ${named.join(', ') || 'not named'}, those of the VM's cluster ${known.join(', ')}`,
      'detach it, or attach it by a monitor of that cluster, then try again',
      'monitors-of-another-cluster',
    );
  }
}

function diskOf(vm: string, cluster: ClusterSpec, target: string, spec: string): VmDisk {
  const { pool, name, snapshot } = parseImageSpec(spec);
  if (pool !== '' && snapshot === undefined) return { target, spec, image: { cluster, pool, name } };
  const problem = `disk ${target} of VM '${vm}' has '${spec}', and neither RBD namespaces nor snapshots are supported as disks`;
  throw new Refusal(problem, `its image must be 'pool/image': detach it, then try again`, 'rbd-namespace');
}
