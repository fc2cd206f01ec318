import { isIP } from 'node:net';
import type { ClusterSpec, DomainSpec, HostSpec, Monitor } from '../model';
import { findAll, type XmlElement } from '../render/xml';
import { isAmong, monitorAddresses } from '../steps/ceph-monitors';
import { onHost } from '../steps/commands';
import { imageOf, targetOf, writtenDisks } from '../steps/domain/opened';
import { type ImageRef, parseImageSpec } from '../steps/rbd-image/image';
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

/**
 * Throws when a disk that was attached by hand is of another cluster: its name is that of another image here. A monitor of
 * the cluster may be known by another name or port than the stack gives, so the cluster is asked, and the host for names.
 */
export async function refuseStrange(
  spec: Pick<DomainSpec, 'name' | 'host' | 'cluster' | 'monitors'>,
  definition: XmlElement,
  tools: Tools,
): Promise<void> {
  for (const disk of writtenDisks(definition)) {
    const monitors = findAll(disk, 'source/host').map(monitorOf);
    if (monitors.some((one) => isAmong(one, spec.monitors))) continue;
    const known = await monitorAddresses(spec.cluster, tools);
    const resolved = await Promise.all(monitors.map((one) => addressesOf(spec.host, one, tools)));
    if (resolved.flat().some((one) => isAmong(one, known))) continue;
    const named = monitors.map(({ host, port }) => (port === undefined ? host : `${host} port ${port}`));
    throw new Refusal(
      `disk ${targetOf(disk)} of VM '${spec.name}' may have the '${imageOf(disk)}' of another cluster: its monitors are ${named.join(', ') || 'not named'}, those of the VM's cluster ${known.join(', ')}`,
      'detach it, or attach it by a monitor of that cluster, then try again',
    );
  }
}

function diskOf(vm: string, cluster: ClusterSpec, target: string, spec: string): VmDisk {
  const { pool, name, snapshot } = parseImageSpec(spec);
  if (pool !== '' && snapshot === undefined) return { target, spec, image: { cluster, pool, name } };
  const problem = `disk ${target} of VM '${vm}' has '${spec}', and neither RBD namespaces nor snapshots are supported as disks`;
  throw new Refusal(problem, `its image must be 'pool/image': detach it, then try again`);
}

function monitorOf({ attributes }: XmlElement): Monitor {
  return { host: attributes['name'] ?? '', port: Number(attributes['port'] ?? 0) || undefined };
}

/** As QEMU finds it. */
async function addressesOf(host: HostSpec, monitor: Monitor, tools: Tools): Promise<Monitor[]> {
  if (isIP(monitor.host) !== 0) return [monitor];
  const { stdout } = await tools.attempt(onHost(host, 'getent', 'ahosts', monitor.host));
  const addresses = stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
  return addresses.filter((one) => isIP(one) !== 0).map((address) => ({ ...monitor, host: address }));
}
