import { EPERM, isCephError, type PoolContents } from '../../ceph';
import type { CephPoolRemoval } from '../../model';
import { removeMark, writeMark } from '../ownership/config-key';
import { refuseOtherCluster } from '../ceph-monitors';
import { leftAlone } from '../ownership/refusal';
import { markFor } from '../ownership/mark';
import { differs, fine, OK, type Step } from '../step';
import { Refusal } from '../tools';
import { deletionByHand, markRemovalByHand, releaseByHand } from './runbook-lines';
import { isOurs, type LeavingPoolWorld, markName, titleOf } from './lookup';

/** RETAIN: the pool stays with its data, and its mark says that anyone may adopt it. */
export const release: Step<CephPoolRemoval, LeavingPoolWorld> = {
  name: 'release it',
  describe: releaseByHand,
  judge(removal, world) {
    if (world.pool !== undefined && isOurs(world, removal))
      return removal.removalPolicy === 'retain' ? differs('it is kept, and no longer managed') : OK;
    refuseOtherCluster(titleOf(removal), removal.cluster, world.monitors);
    if (world.pool !== undefined) return fine(leftAlone(titleOf(removal)));
    return fine({ say: `${titleOf(removal)} no longer exists` });
  },
  async act(removal, { pool }, tools) {
    const mark = markFor({ ...removal, entryId: '' }, String(pool?.id));
    await writeMark(removal.cluster, markName(removal), mark, tools);
  },
};

/** DELETE: the pool is deleted if it is empty. */
export const deletion: Step<CephPoolRemoval, LeavingPoolWorld> = {
  name: 'delete it',
  describe: deletionByHand,
  judge(removal, { contents }) {
    if (contents === undefined) return OK;
    refuseFull(removal, contents);
    return differs('it is empty');
  },
  async act(removal, _, tools) {
    const ceph = tools.ceph(removal.cluster);
    // Checked right before, because Ceph deletes a pool whatever it contains.
    refuseFull(removal, await ceph.poolContents(removal));
    try {
      await ceph.deletePool(removal);
    } catch (error) {
      if (!isCephError(error, EPERM) || !error.said.includes('mon_allow_pool_delete')) throw error;
      throw new Refusal(
        `${titleOf(removal)} cannot be deleted: the cluster does not allow it`,
        `'ceph config set mon mon_allow_pool_delete true' allows it for all pools; apply again, then set it back to false`,
        'pool-delete-off',
      );
    }
  },
};

/** Removes our mark once its pool is gone. */
export const markRemoval: Step<CephPoolRemoval, LeavingPoolWorld> = {
  name: 'remove its mark',
  describe: markRemovalByHand,
  judge: (removal, world) =>
    world.pool === undefined && isOurs(world, removal) ? differs('the pool no longer exists') : OK,
  act: ({ cluster, name }, _, tools) => removeMark(cluster, markName({ name }), tools),
};

/** Throws while the pool holds any data: images, images in the trash, or data of images in other pools. */
function refuseFull(removal: CephPoolRemoval, contents: PoolContents): void {
  const { images, trash, namespaces, others } = contents;
  const held: [string, readonly string[]][] = [
    ['images', images],
    ['images in its trash', trash],
    ['namespaces', namespaces],
  ];
  const found = held.filter(([, names]) => names.length > 0).map(([what, names]) => `${what} (${some(names)})`);
  // An image's own objects are not listed beside it; if there are too many to list, some are not records of RBD.
  const rest = contents.objects > 0 && contents.tooMany ? [`${contents.objects} in all`] : others;
  if (found.length === 0 && rest.length > 0) found.push(`objects that are not RBD's records (${some(rest)})`);
  if (found.length === 0) return;
  throw new Refusal(
    `${titleOf(removal)} is not deleted: it still holds ${found.join(' and ')}`,
    `remove these first, or keep the pool with RemovalPolicy.RETAIN`,
    'pool-not-empty',
  );
}

function some(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}
