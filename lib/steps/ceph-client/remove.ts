import type { CephClientRemoval } from '../../model';
import { removeMark } from '../ownership/config-key';
import { refuseOtherCluster } from '../ceph-monitors';
import { leftAlone } from '../ownership/refusal';
import { differs, fine, OK, type Step } from '../step';
import { deletionByHand, markRemovalByHand, releaseByHand } from './runbook-lines';
import { refuseConnected } from './sessions';
import { type ClientWorld, entityOf, markName, setMark, ownershipIn, titleOf } from './lookup';

/** RETAIN: the entity stays with its key, and its mark says that anyone may adopt it. */
export const release: Step<CephClientRemoval, ClientWorld> = {
  name: 'release it',
  describe: releaseByHand,
  judge(removal, world) {
    if (world.caps !== undefined && isOurs(world, removal))
      return removal.removalPolicy === 'retain' ? differs('it is kept, and no longer managed') : OK;
    refuseOtherCluster(titleOf(removal), removal.cluster, world.monitors);
    if (world.caps !== undefined) return fine(leftAlone(titleOf(removal)));
    return fine({ say: `${titleOf(removal)} no longer exists` });
  },
  async act(removal, { mark }, tools) {
    if (mark) await setMark(removal, { ...mark, id: entityOf(removal), entryId: '' }, tools);
  },
};

/** DELETE: the entity is deleted with its key; refused while anybody is connected with it. */
export const deletion: Step<CephClientRemoval, ClientWorld> = {
  name: 'delete it',
  describe: deletionByHand,
  judge(removal, world) {
    const goes = removal.removalPolicy === 'delete' && world.caps !== undefined && isOurs(world, removal);
    return goes ? differs('it still exists') : OK;
  },
  async act(removal, _, tools) {
    // Checked right before, because whoever is connected would continue with a void key.
    await refuseConnected(removal.cluster, entityOf(removal), tools);
    await tools.ceph(removal.cluster).removeClient({ entity: entityOf(removal) });
  },
};

/** Removes our mark once its entity is gone. */
export const markRemoval: Step<CephClientRemoval, ClientWorld> = {
  name: 'remove its mark',
  describe: markRemovalByHand,
  judge: (removal, world) =>
    world.caps === undefined && isOurs(world, removal) ? differs('the client no longer exists') : OK,
  act: (removal, _, tools) => removeMark(removal.cluster, markName(removal), tools),
};

function isOurs(world: ClientWorld, removal: CephClientRemoval): boolean {
  return ownershipIn(world, removal, removal.entryId) === 'ours';
}
