import type { DiskAttachmentSpec, DiskRemoval } from '../../model';
import { diskAlias } from '../../render/domain/defaults';
import { alterationOf, type GivenDisk } from '../domain/compare-disk-source';
import { isActive, type ObservedDomain } from '../domain/observed-domain';
import { comparableOf } from '../domain/compared-fields';
import { aliasOf } from '../domain/device-fields';
import { ownershipOf } from '../ownership/mark';
import { Refusal } from '../tools';
import { attachmentAlias, attachmentMark, markId } from './attachment-mark';

/**
 * Throws if an attached disk differs from both what it was given and what it is about to be given: it has an overlay, a
 * block job or another source.
 */
export function refuseAltered(spec: DiskAttachmentSpec, found: ObservedDomain): void {
  const { images = [], monitors = [] } = attachmentMark(found, spec) ?? {};
  const given = { images: [...images, spec.disk.image], monitors: [...monitors, ...spec.monitors] };
  refuse(spec, found, attachmentAlias(spec.owner, spec.target), given);
}

/**
 * The same for a disk that is to be detached. A disk of another entry is left alone; for a disk without a mark only the
 * owner is known, so any image counts as unaltered.
 */
export function refuseAlteredAtRemoval(removal: DiskRemoval, found: ObservedDomain): void {
  const { owner, target, image, entryId } = removal;
  const mark = attachmentMark(found, removal);
  const ownership = ownershipOf(mark, removal, entryId, markId(removal));
  const { images = [], monitors = [] } = mark ?? {};
  if (ownership === 'ours')
    refuse(removal, found, attachmentAlias(owner, target), { images: [image, ...images], monitors });
  if (ownership === 'unmarked') refuse(removal, found, attachmentAlias(owner, target), { images: [], monitors: [] });
  const ofVm = found.mark;
  if (ofVm?.disks?.[target] !== entryId) return;
  const known = { images: [image, ...[ofVm.images?.[target] ?? []].flat()], monitors: ofVm.monitors ?? [] };
  refuse(removal, found, diskAlias(target), known);
}

function refuse(
  { host, domain, target }: Pick<DiskRemoval, 'host' | 'domain' | 'target'>,
  found: ObservedDomain,
  alias: string,
  given: GivenDisk,
): void {
  const vm = { host, name: domain, active: isActive(found) };
  for (const one of [found.definition, found.live]) {
    const disk = one && comparableOf(one).disks.get(target)?.element;
    if (disk === undefined || aliasOf(disk) !== alias) continue;
    const altered = alterationOf(vm, disk, given);
    if (altered) {
      throw new Refusal(`disk ${target} of VM '${domain}' ${altered.problem}`, altered.next, 'disk-altered');
    }
  }
}
