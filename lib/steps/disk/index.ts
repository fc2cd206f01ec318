import { type DiskAttachmentSpec, type DiskRemoval } from '../../model';
import { diskAlias } from '../../render/domain/defaults';
import { disk as diskShape, target, vmName } from '../domain/shape';
import { aliasOf } from '../domain/view';
import * as shape from '../shape';
import { differs, OK, type KindSteps, type Step } from '../step';
import { refuseAlteredAtRemoval } from './altered';
import { allowed, attached } from './attachment';
import { detach, findDisk, type IsMeant } from './detach';
import { attachmentAlias, attachmentMark, marked, mayDetach, unmarked } from './mark';

const place = { host: shape.host, domain: vmName, target };
const spec = shape.objectSpec.extend({
  ...place,
  cluster: shape.cluster,
  monitors: shape.monitors,
  clientId: shape.cephName,
  secretUsage: shape.secretUsage,
  disk: diskShape,
});
const removal = shape.removal.extend({ ...place, image: shape.imageSpec });

/**
 * A disk that has left the code leaves its VM before its image goes: a running QEMU is a watcher, and an image that is
 * watched can't be removed.
 */
const detached: Step<DiskRemoval> = {
  name: 'detach it',
  describe: ({ domain, target }) => [
    `virsh detach-disk ${domain} ${target} --config`,
    `virsh detach-disk ${domain} ${target} --live`,
  ],
  async observe(spec, tools) {
    const { defined, live, found: domain } = await findDisk(spec, isOurs(spec), tools);
    if (domain) refuseAlteredAtRemoval(spec, domain);
    if (defined || live) return differs('it is no longer wanted');
    const { found, ...other } = await findDisk(spec, () => true, tools);
    if (found && (other.defined || other.live)) {
      tools.say(`VM '${spec.domain}': disk ${spec.target} is left alone: it is not the one that this entry made`);
    }
    return OK;
  },
  async act(spec, tools) {
    const { found } = await findDisk(spec, isOurs(spec), tools);
    if (found) refuseAlteredAtRemoval(spec, found);
    await detach(spec, isOurs(spec), tools);
  },
};

/**
 * Alias, image and entry id: of an attachment of this owner, or of a VM of this stack. An old copy of a state must not unplug
 * what runs. An attachment whose mark holds the entry id is meant with any image: the one before may be there still.
 */
function isOurs(removal: DiskRemoval): IsMeant {
  const { owner, target, image, entryId } = removal;
  return (disk, domain) => {
    const alias = aliasOf(disk.element);
    const isMeant = disk.fields['image'] === image;
    if (alias === attachmentAlias(owner, target)) return mayDetach(attachmentMark(domain, removal), removal, isMeant);
    if (alias !== diskAlias(target)) return false;
    const entries = domain.mark?.disks;
    return entries === undefined ? isMeant : entries[target] === entryId;
  };
}

/** One RBD disk on a VM. */
export const disk: KindSteps<DiskAttachmentSpec, DiskRemoval> = {
  kind: 'disk',
  title: ({ domain, target }) => `disk ${target} of VM '${domain}'`,
  // The domain's own: both change its definition.
  lock: ({ host, domain }) => ({ file: `domain-${domain}`, transport: host.transport }),
  parseSpec: shape.parser(spec),
  parseRemoval: shape.parser(removal),
  ensure: [allowed, marked, attached],
  remove: [detached, unmarked],
};
