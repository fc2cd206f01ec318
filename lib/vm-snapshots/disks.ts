import { type ClusterSpec, type DomainSpec, parseImageSpec } from '../model';
import type { XmlElement } from '../render/xml';
import { monitorAddresses } from '../steps/ceph-monitors';
import { isOfCluster, monitorsOf } from '../steps/domain/disk-cluster';
import { imageOf, targetOf, writtenDisks } from '../steps/domain/written-disks';
import { type ImageRef } from '../steps/rbd-image/rbd-command';
import { Refusal, type Tools } from '../steps/tools';

/** A disk of a VM: where it shows, and its image. */
export interface VmDisk {
  readonly target: string;
  readonly image: ImageRef;
  /** "pool/image" */
  readonly imageSpec: string;
}

/** What the VM has now, including what was attached by hand; if there is no VM, what the stack would give it. */
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

/** Throws if a disk that was attached by hand is in another cluster: its name means another image here. */
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
      `disk ${targetOf(disk)} of VM '${spec.name}' may be '${imageOf(disk)}' in another cluster: its monitors are ${named.join(', ') || 'not given'}, those of the VM's cluster ${known.join(', ')}`,
      'detach it, or attach it with a monitor of that cluster, then try again',
      'monitors-of-another-cluster',
    );
  }
}

function diskOf(vm: string, cluster: ClusterSpec, target: string, imageSpec: string): VmDisk {
  const { pool, name, snapshot } = parseImageSpec(imageSpec);
  if (pool !== '' && snapshot === undefined) return { target, imageSpec, image: { cluster, pool, name } };
  const problem = `disk ${target} of VM '${vm}' has '${imageSpec}', but RBD namespaces and snapshots are not supported as disks`;
  throw new Refusal(problem, `its image must be 'pool/image': detach it, then try again`, 'rbd-namespace');
}
