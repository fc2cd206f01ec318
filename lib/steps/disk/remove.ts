import type { DiskRemoval } from '../../model';
import { diskAlias } from '../../render/domain/defaults';
import { aliasOf } from '../domain/device-fields';
import type { FoundDomain } from '../domain/lookup';
import { differs, fine, OK, type Step } from '../step';
import { refuseAlteredAtRemoval } from './refuse-altered-disk';
import { detachmentByHand } from './runbook-lines';
import { detach, type IsMeant, whereAttached } from './detach';
import { attachmentAlias, attachmentMark, mayDetach, namespaceOf } from './attachment-mark';

/**
 * A disk that has left the code is detached before its image is removed: a running QEMU is a watcher, and an image with
 * watchers cannot be removed.
 */
export const remove: Step<DiskRemoval, FoundDomain> = {
  name: 'detach it',
  describe: (removal) => detachmentByHand(removal, namespaceOf(removal.target)),
  judge(spec, { found }) {
    if (found === undefined) return OK;
    refuseAlteredAtRemoval(spec, found);
    const ours = whereAttached(spec, isOurs(spec), found);
    if (ours.defined || ours.live) return differs('it is no longer wanted');
    const other = whereAttached(spec, () => true, found);
    if (!other.defined && !other.live) return OK;
    return fine({
      say: `VM '${spec.domain}': disk ${spec.target} is kept, because this entry did not attach it`,
    });
  },
  act: (spec, _, tools) => detach(spec, isOurs(spec), tools),
};

/**
 * Compares alias, image and entry id: an attachment of this owner, or a disk of a VM of this stack. An old copy of a
 * state must not detach a disk in use. An attachment whose mark has the entry id matches with any image, because the
 * previous one may still be attached. The mark of a VM that the provider made names no entries, so its disks are never
 * detached: it is created again without them.
 */
function isOurs(removal: DiskRemoval): IsMeant {
  const { owner, target, image, entryId } = removal;
  return (disk, domain) => {
    const alias = aliasOf(disk.element);
    if (alias === attachmentAlias(owner, target))
      return mayDetach(attachmentMark(domain, removal), removal, disk.fields['image'] === image);
    return alias === diskAlias(target) && domain.mark?.disks?.[target] === entryId;
  };
}
