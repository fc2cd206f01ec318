import type { DiskAttachmentSpec, DiskRemoval } from '../../model';
import { absent, empty, ours, unused } from '../runbook-checks';
import { comment, localLine, rbdLine, virshLine, withText } from '../runbook-lines';
import { awkText } from '../runbook-words';

/** The target is free in the VM, and the image exists. */
export function lookByHand({ host, cluster, domain, target, disk }: DiskAttachmentSpec): string[] {
  return [absent(virshLine(host, 'domblklist', domain), target), `${rbdLine(cluster, 'info', disk.image)} >/dev/null`];
}

export function attachmentByHand({ host, cluster, domain, disk }: DiskAttachmentSpec, xml: string): string[] {
  const isWritten = disk.readOnly !== true && disk.cdrom !== true;
  return [
    ...(isWritten ? [unused('watcher=', rbdLine(cluster, 'status', disk.image))] : []),
    comment('In the definition, and in the VM where it runs.'),
    ...withText(virshLine(host, 'attach-device', domain, '/dev/stdin', '--persistent'), xml, 'XML'),
  ];
}

/** A disk with an overlay is no longer what it was given. */
export function detachmentByHand({ host, domain, target, image, entryId }: DiskRemoval, uri: string): string[] {
  const others = localLine('awk', `$3 == ${awkText(target)} && $4 != ${awkText(image)}`);
  return [
    ours(virshLine(host, 'metadata', domain, '--uri', uri), entryId),
    empty(`${virshLine(host, 'domblklist', domain, '--details')} | ${others}`),
    virshLine(host, 'detach-disk', domain, target, '--persistent'),
  ];
}
