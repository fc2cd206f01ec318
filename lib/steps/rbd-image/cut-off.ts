import { rados, rbd } from '../commands';
import { Seen } from '../seen';
import { ToolError, type Tools } from '../tools';
import { DEAD_WATCHER_SECONDS } from '../watchers';
import { imageNames, specOf, type ImageRef } from './image';
import { Progress } from './progress';

const BUSY = 16;
const ABSENT = 2;
const POLL_SECONDS = 2;

/**
 * Of an image that `rbd info` does not find: whether it was on its way out. `rbd rm` moves it to a trash that no list
 * shows, then takes its data away; what that or `rbd trash mv` leaves when it is cut off is a name in `rbd ls` without its
 * object. (An image that has the object and cannot be opened is a damaged one, and nothing to be ended.)
 */
export const cutOff = new Seen(async ({ cluster, pool, name }: ImageRef, tools): Promise<boolean> => {
  if (!(await imageNames(tools, cluster, pool)).includes(name)) return false;
  const command = rados(cluster, '--pool', pool, 'stat', `rbd_id.${name}`);
  const outcome = await tools.attempt(command);
  if (outcome.exitCode === 0) return false;
  if (outcome.stderr.includes('(2) No such file')) return true;
  throw new ToolError(command, outcome);
});

/**
 * Ends what was begun. First the move to the trash, which has an end only where it had a beginning: `rbd rm` (16) also
 * takes what is on its way there. The expiry that it was given at first is the one that counts.
 */
export async function endCutOff(tools: Tools, image: ImageRef): Promise<void> {
  const move = rbd(image.cluster, 'trash', 'mv', '--expires-at', '+30 days', specOf(image));
  const moved = await tools.attempt(move, { toItsEnd: true });
  if (moved.exitCode === 0) return tools.say(`image '${specOf(image)}' is in the trash now`);
  if (moved.exitCode !== ABSENT) throw new ToolError(move, moved);
  await removeAgain(tools, image);
}

/** `rbd rm` of what an `rbd rm` that was cut off left; its dead client may have that open for a while. */
export async function removeAgain(tools: Tools, image: ImageRef): Promise<void> {
  const command = rbd(image.cluster, 'rm', specOf(image));
  const progress = new Progress(tools, `deleting '${specOf(image)}'`);
  const deadline = Date.now() + DEAD_WATCHER_SECONDS * 1000;
  for (;;) {
    const outcome = await tools.attempt(command, { onProgress: (line) => progress.line(line) });
    if (outcome.exitCode === 0 || outcome.exitCode === ABSENT) return;
    if (outcome.exitCode !== BUSY || Date.now() >= deadline) throw new ToolError(command, outcome);
    await tools.sleep(POLL_SECONDS);
  }
}
