import { EBUSY, ENOENT, isCephError } from '../../ceph';
import type { Tools } from '../tools';
import { DEAD_WATCHER_SECONDS } from '../watchers';
import { nameOf, imageSpecOf, type ImageRef } from './rbd-command';
import { Progress } from './progress';

const POLL_SECONDS = 2;
/** Only for a move that had not begun: otherwise the expiry that the image got first counts. */
const DELAY_SECONDS = 30 * 86_400;

/**
 * Completes an interrupted removal that left a name without an image. Tries the move to the trash first, because a
 * removal (Ceph 16) would also delete an image that is on its way to the trash.
 */
export async function endInterruptedRemoval(tools: Tools, image: ImageRef): Promise<void> {
  try {
    await tools.ceph(image.cluster).trashImage({ ...nameOf(image), delaySeconds: DELAY_SECONDS });
    tools.say(`image '${imageSpecOf(image)}' is in the trash now`);
  } catch (error) {
    if (!isCephError(error, ENOENT)) throw error;
    await removeAgain(tools, image);
  }
}

/** Repeats an interrupted removal; its dead client may have the image open for a while. */
export async function removeAgain(tools: Tools, image: ImageRef): Promise<void> {
  const progress = new Progress(tools, `deleting '${imageSpecOf(image)}'`);
  const deadline = Date.now() + DEAD_WATCHER_SECONDS * 1000;
  for (;;) {
    try {
      return await tools.ceph(image.cluster).removeImage(nameOf(image), { onProgress: (done) => progress.at(done) });
    } catch (error) {
      if (isCephError(error, ENOENT)) return;
      if (!isCephError(error, EBUSY) || Date.now() >= deadline) throw error;
    }
    await tools.sleep(POLL_SECONDS);
  }
}
