import { isIP } from 'node:net';
import type { ClusterSpec, HostSpec, Monitor } from '../../model';
import { ALIAS_PREFIX } from '../../render/domain/defaults';
import { findAll, type XmlElement } from '../../render/xml';
import { isAmong, monitorAddresses } from '../ceph-monitors';
import { onHost } from '../commands';
import type { Tools } from '../tools';
import { aliasOf } from './device-fields';

/** The cluster of a domain, and how its host reaches it. */
export interface ClusterOfDomain {
  readonly host: HostSpec;
  readonly cluster: ClusterSpec;
  readonly monitors: readonly string[];
}

/** The monitors that an RBD disk names; without any, QEMU uses the host's own Ceph configuration. */
export function monitorsOf(disk: XmlElement): Monitor[] {
  return findAll(disk, 'source/host').map(({ attributes }) => ({
    host: attributes['name'] ?? '',
    port: Number(attributes['port'] ?? 0) || undefined,
  }));
}

/**
 * Whether the image of a disk is in the domain's cluster, also if it was attached by hand. A monitor may have another
 * name or port than in the spec: then the cluster is asked, and the host about names.
 */
export async function isOfCluster(spec: ClusterOfDomain, disk: XmlElement, tools: Tools): Promise<boolean> {
  if (aliasOf(disk).startsWith(ALIAS_PREFIX)) return true;
  const monitors = monitorsOf(disk);
  if (monitors.length === 0) return false;
  if (monitors.some((one) => isAmong(one, spec.monitors))) return true;
  const known = await monitorAddresses(spec.cluster, tools);
  const resolved = await Promise.all(monitors.map((one) => addressesOf(spec.host, one, tools)));
  return resolved.flat().some((one) => isAmong(one, known));
}

/** As QEMU finds it. */
async function addressesOf(host: HostSpec, monitor: Monitor, tools: Tools): Promise<Monitor[]> {
  if (isIP(monitor.host) !== 0) return [monitor];
  const { stdout } = await tools.attempt(onHost(host, 'getent', 'ahosts', monitor.host));
  const addresses = stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
  return addresses.filter((one) => isIP(one) !== 0).map((address) => ({ ...monitor, host: address }));
}
