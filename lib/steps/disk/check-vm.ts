import type { DiskAttachmentSpec } from '../../model';
import { comparableOf, type Part, type Comparable } from '../domain/compared-fields';
import { aliasOf } from '../domain/device-fields';
import { isActive, type ObservedDomain } from '../domain/observed-domain';
import { OK, type Step } from '../step';
import { Refusal } from '../tools';
import { refuseAltered } from './refuse-altered-disk';
import { lookByHand } from './runbook-lines';
import { attachmentAlias } from './attachment-mark';
import type { AttachmentWorld } from './lookup';

/** The VM exists and is not one of ours, the target is free, and the image exists. */
export const checkVm: Step<DiskAttachmentSpec, AttachmentWorld> = {
  name: 'check the VM',
  describe: lookByHand,
  judge(spec, { found, image }) {
    const { domain, target, disk } = spec;
    if (found === undefined) {
      throw new Refusal(`the VM does not exist on its host`, `define it first, or correct 'vmName'`, 'vm-missing');
    }
    if (found.mark) {
      const problem = `the VM is managed by cdktf-libvirt-ceph (stack '${found.mark.owner.stack}')`;
      throw new Refusal(problem, `add the disk there, with 'dataDisks' or 'addDisk'`, 'vm-of-this-project');
    }
    refuseAltered(spec, found);
    for (const view of views(found)) {
      const other = view.disks.get(target);
      if (other === undefined || isMeant(spec, other)) continue;
      throw new Refusal(
        `the VM has another disk at this target (${other.fields['image'] ?? 'no RBD image'})`,
        `choose another 'target'; 'virsh domblklist ${domain}' lists those taken`,
        'disk-target-taken',
      );
    }
    if (image !== undefined) return OK;
    throw new Refusal(`image '${disk.image}' is missing`, 'create it first', 'image-missing');
  },
  act: () => Promise.resolve(),
};

function views(found: ObservedDomain): Comparable[] {
  return [found.definition, ...(isActive(found) && found.live ? [found.live] : [])].map(comparableOf);
}

/** Our disk, even with another image, which is then replaced. */
function isMeant(spec: DiskAttachmentSpec, disk: Part): boolean {
  return aliasOf(disk.element) === attachmentAlias(spec.owner, spec.target);
}
