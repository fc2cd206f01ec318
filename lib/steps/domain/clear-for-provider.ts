import type { DomainSpec } from '../../model';
import { ownershipOf } from '../ownership/mark';
import { textAt } from '../../render/xml';
import { heldImage, waitUntilImagesFree, writtenImages } from '../wait-for-free-images';
import { alwaysAct, differs, type Step } from '../step';
import { Refusal } from '../tools';
import { refuseAltered, refuseBusy } from './refuse-altered-disks';
import { refuseUnsupported } from './capabilities';
import { definitionDiffers } from './compare-with-spec';
import { isActive, type ObservedDomain } from './observed-domain';
import { notesOf, refuseForeign } from './ownership';
import { clearAway } from './remove';
import { autostartDiffers, stateDiffers } from './power-state';
import type { DomainWorld } from './lookup';

/**
 * PROVIDER: runs between the provider's delete and its create. Removes what is left of our VM (a paused one keeps
 * running after the provider's delete, 0.9.7) and waits until its images are free; `verify` compares the VM with the
 * spec.
 */
export const clearForProvider: Step<DomainSpec, DomainWorld> = {
  name: 'make way for the provider, and wait until its images are closed',
  // By hand no provider follows: the steps before this one have created and started the VM.
  describe: () => [],

  judge(spec, { found, images }) {
    if (found === undefined) return differs(heldImage(writtenImages(spec.disks), images) ?? 'it is not defined');
    refuseLeftover(spec, found);
    refuseAltered(spec, found);
    refuseBusy(spec, found);
    const notes = notesOf(spec, found);
    const all = [definitionDiffers(spec, found), autostartDiffers(spec, found), stateDiffers(spec, found)];
    const text = all.filter((one) => one).join('; ');
    return text === ''
      ? alwaysAct('the existing VM is undefined so that the provider can define it', ...notes)
      : differs(text, ...notes);
  },

  async act(spec, { found }, tools) {
    await refuseUnsupported(spec, tools);
    if (found) {
      refuseLimitedApply(spec, found);
      await clearAway(spec, found, tools);
    }
    if (spec.running) await waitUntilImagesFree(spec, writtenImages(spec.disks), tools);
  },
};

/**
 * A VM that only another copy of the state knows is not shut down. A VM without a definition that does not run is what
 * the provider's delete left of a paused VM.
 */
function refuseLeftover(spec: DomainSpec, found: ObservedDomain): void {
  const ownership = ownershipOf(found.mark, spec, spec.entryId, spec.name);
  const left = !found.persistent && found.state !== 'running';
  if (ownership === 'ours-other-entry' && isActive(found) && !left) {
    const uuid = textAt(found.definition, 'uuid') ?? '';
    throw new Refusal(
      `VM '${spec.name}' is running, and another state of this stack created it (entry ${found.mark?.entryId})`,
      `import it with the blocks that 'cdktf-libvirt-ceph import-blocks' prints (its libvirt_domain has the id '${uuid}'); or shut it down, then apply again`,
      'state-lost',
    );
  }
  refuseForeign(spec, found);
}

/**
 * By now the VM that the provider made is gone, with its resource, unless an apply with '-target' left that resource
 * out; the VM would then stay away. Its UUID tells it from a VM that VIRSH made.
 */
function refuseLimitedApply(spec: DomainSpec, found: ObservedDomain): void {
  const ofProvider = textAt(found.definition, 'uuid') !== spec.uuid;
  if (!ofProvider || !found.persistent || found.state !== 'running') return;
  throw new Refusal(
    `VM '${spec.name}' is running, and the provider, which recreates it, has not deleted it first`,
    `apply without '-target'; if the state has lost it, shut it down, then apply again`,
    'vm-not-deleted',
  );
}
