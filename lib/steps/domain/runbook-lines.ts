import { parseDuration, type DomainRemoval, type DomainSpec } from '../../model';
import { MARK_NAMESPACE } from '../../render/domain/defaults';
import { absent, empty, ours, unused } from '../runbook-checks';
import { cephLine, comment, localLine, rbdLine, virshLine, withText } from '../runbook-lines';
import { writtenImages } from '../wait-for-free-images';

/** `virsh define` overwrites a definition with the same name and UUID. */
export function guardByHand({ host, name }: DomainSpec): string[] {
  return [absent(virshLine(host, 'list', '--all', '--name'), name)];
}

export function looksByHand({ cluster, disks }: DomainSpec): string[] {
  const images = Object.values(disks).map(({ image }) => image);
  return [...new Set(images)].map((image) => `${rbdLine(cluster, 'info', image)} >/dev/null`);
}

/** Shows only the capabilities, because the output also contains the key. */
export function capsByHand({ cluster, clientId }: DomainSpec): string[] {
  return [`${cephLine(cluster, 'auth', 'get', `client.${clientId}`)} | grep 'caps mon'`];
}

export function definitionByHand(spec: DomainSpec, xml: string): string[] {
  const validated = spec.xml?.length ? ['--validate'] : [];
  return withText(virshLine(spec.host, 'define', '/dev/stdin', ...validated), xml, 'XML');
}

export function startByHand({ host, cluster, name, running, disks }: DomainSpec): string[] {
  if (!running) return [];
  return [
    ...writtenImages(disks).map((image) => unused('watcher=', rbdLine(cluster, 'status', image))),
    virshLine(host, 'start', name),
  ];
}

/** Without the options that make libvirt drop snapshots and saved memory: if there are any, it refuses. */
export function removalByHand({ host, name, entryId, shutdownTimeout }: DomainRemoval): string[] {
  const mark = virshLine(host, 'metadata', name, '--uri', MARK_NAMESPACE);
  const overlays = `awk '$2 == "disk" && $1 != "network"'`;
  return [
    ours(mark, entryId),
    comment('An overlay file holds what the guest has written since it was created.'),
    empty(`${virshLine(host, 'domblklist', name, '--details')} | ${overlays}`),
    `${localLine('shut_down', name, String(parseDuration(shutdownTimeout)))} ${virshLine(host)}`,
    virshLine(host, 'undefine', '--nvram', name),
  ];
}
