import { parseDuration, type RbdImageRemoval } from '../../model';
import { commandText } from '../commands';
import { MARK_KEY, mayRemove, ownerText, type Mark } from '../ownership/mark';
import { differs, fine, type Step } from '../step';
import type { Tools } from '../tools';
import { removalByHand } from './runbook-lines';
import { deleteImage, refuseForeignSnapshots } from './delete-for-good';
import { nameOf, imageSpecOf } from './rbd-command';
import { endInterruptedRemoval } from './interrupted-removal';
import { refuseManaged } from './managed-elsewhere';
import { refuseMovedMark } from './ownership';
import { clearScratch } from './scratch-folder';
import { judgeLeftovers, leftoverRefusal, removeLeftovers } from './interrupted-creation';
import { moveToTrash } from './move-to-trash';
import { markOf, type RemovalWorld } from './observed-image';

const DEFAULT_EXPIRY = '30 days';

/** Applies the removal policy to our image; skips and logs everything else. */
export const remove: Step<RbdImageRemoval, RemovalWorld> = {
  name: 'remove it',
  describe: (spec) => removalByHand(spec, expirySeconds(spec)),
  judge(spec, world) {
    const { removalPolicy } = spec;
    const { image } = world;
    if (image === undefined) {
      if (world.interruptedRemoval && removalPolicy !== 'retain') return differs('its removal was interrupted');
      return fine({ say: `image '${imageSpecOf(spec)}' does not exist: nothing to remove` });
    }
    const mark = markOf(image);
    if (!mayRemove(mark, spec, image.id)) {
      refuseMovedMark(spec, image, spec.entryId);
      return fine({ say: `image '${imageSpecOf(spec)}' ${whose(mark, image.id)}: it is kept` });
    }
    if (removalPolicy !== 'retain') {
      refuseManaged(spec, image, removalPolicy === 'trash' ? 'moved to the trash' : 'deleted');
    }
    if (removalPolicy === 'delete') refuseForeignSnapshots(spec, image);
    return differs(`its removal policy is ${removalPolicy}`);
  },
  async act(spec, { image }, tools) {
    const mark = image && markOf(image);
    if (image === undefined || mark === undefined) return endInterruptedRemoval(tools, spec);
    if (spec.removalPolicy === 'retain') return release(spec, mark, tools);
    if (spec.removalPolicy === 'delete') return deleteImage(spec, image, mark, tools);
    await moveToTrash(spec, mark, expirySeconds(spec), tools);
    tools.say(
      `image '${imageSpecOf(spec)}' is in the trash, until it is ${spec.trashExpiry ?? DEFAULT_EXPIRY} old: ` +
        commandText('rbd', 'trash', 'restore', `${spec.pool}/${mark.id}`),
    );
  },
};

/** Removes the leftovers of killed runs for the image. */
export const leftovers: Step<RbdImageRemoval, RemovalWorld> = {
  name: 'clean up after interrupted runs',
  describe: () => [],
  judge: (_spec, { leftovers }) => judgeLeftovers(leftovers),
  async act(spec, _world, tools) {
    await clearScratch(spec);
    const left = await removeLeftovers(tools, spec);
    if (left.length > 0) throw leftoverRefusal(left);
  },
};

function whose(mark: Mark | undefined, id: string): string {
  if (mark?.id !== id) return 'does not carry the mark of this stack';
  return mark.entryId === '' ? 'is already released' : `belongs to another entry of ${ownerText(mark.owner)}`;
}

async function release(spec: RbdImageRemoval, mark: Mark, tools: Tools): Promise<void> {
  const value = JSON.stringify({ ...mark, entryId: '' });
  await tools.ceph(spec.cluster).setMetadata({ ...nameOf(spec), key: MARK_KEY, value });
}

function expirySeconds(spec: RbdImageRemoval): number {
  return parseDuration(spec.trashExpiry ?? DEFAULT_EXPIRY);
}
