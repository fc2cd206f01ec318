import type { RbdSnapshotRemoval } from '../../model';
import { assureCluster } from '../ceph-monitors';
import { mayRemove } from '../ownership/mark';
import { leftAlone } from '../ownership/refusal';
import { childrenText } from '../rbd-image/delete-for-good';
import { nameOf } from '../rbd-image/rbd-command';
import { refuseMigrating, refuseReadOnly } from '../rbd-image/managed-elsewhere';
import { differs, fine, OK, type Step } from '../step';
import { Refusal, type Tools } from '../tools';
import { markRemovalByHand, removalByHand } from './runbook-lines';
import { refuseMovedMark } from './moved-mark';
import {
  countingMark,
  imageOf,
  look,
  markId,
  snapshotKey,
  snapshotSpec,
  type Found,
  type SnapshotWorld,
} from './lookup';

/** If the object is not this entry's, the commands may have reached the wrong cluster. */
export async function observeRemoval(spec: RbdSnapshotRemoval, tools: Tools): Promise<SnapshotWorld> {
  const world = await look(spec, tools);
  if (!isOurs(spec, world)) await assureCluster(`snapshot '${snapshotSpec(spec)}'`, spec.cluster, tools);
  return world;
}

/** Applies the removal policy to our snapshot; skips and logs everything else. */
export const remove: Step<RbdSnapshotRemoval, SnapshotWorld> = {
  name: 'remove it',
  describe: removalByHand,
  judge(spec, world) {
    const name = snapshotSpec(spec);
    if (!isThere(world)) return fine({ say: `snapshot '${name}' does not exist: nothing to remove` });
    if (!isOurs(spec, world)) {
      refuseMovedMark(spec, world, spec.entryId);
      return fine(leftAlone(`snapshot '${name}'`));
    }
    refuseMigrating(imageOf(spec), world.image);
    refuseReadOnly(imageOf(spec), world.image);
    return differs(`its removal policy is ${spec.removalPolicy}`);
  },
  async act(spec, world, tools) {
    if (!isThere(world)) return;
    const ceph = tools.ceph(spec.cluster);
    const image = nameOf(imageOf(spec));
    const mark = countingMark(world);
    if (spec.removalPolicy === 'retain' && mark !== undefined) {
      return ceph.setMetadata({ ...image, key: snapshotKey(spec), value: JSON.stringify({ ...mark, entryId: '' }) });
    }
    await refuseClones(spec, tools);
    await ceph.removeSnapshot({ ...image, snapshot: spec.name });
  },
};

/** Removes a mark once its snapshot is gone, also a mark that a killed run wrote before it created the snapshot. */
export const markRemoval: Step<RbdSnapshotRemoval, SnapshotWorld> = {
  name: 'remove its mark',
  describe: markRemovalByHand,
  judge(spec, { image, snapshot, mark }) {
    if (image === undefined || snapshot !== undefined || mark === undefined) return OK;
    const ours = mark.id.startsWith(markId(image, undefined)) && mayRemove(mark, spec, mark.id);
    return ours ? differs('the snapshot no longer exists') : OK;
  },
  async act(spec, _world, tools) {
    await tools.ceph(spec.cluster).removeMetadata({ ...nameOf(imageOf(spec)), key: snapshotKey(spec) });
  },
};

function isThere(world: SnapshotWorld): world is Found {
  return world.image !== undefined && world.snapshot !== undefined;
}

function isOurs(spec: RbdSnapshotRemoval, world: SnapshotWorld): boolean {
  return isThere(world) && mayRemove(countingMark(world), spec, markId(world.image, world.snapshot));
}

/** If there were clones, the removal would only hide the snapshot, and with it what the clones depend on. */
async function refuseClones(spec: RbdSnapshotRemoval, tools: Tools): Promise<void> {
  const children = await tools.ceph(spec.cluster).children({ ...nameOf(imageOf(spec)), snapshot: spec.name });
  if (children.length === 0) return;
  throw new Refusal(
    `snapshot '${snapshotSpec(spec)}' cannot be deleted: it has clones, ${childrenText(children)}`,
    `remove or flatten them first, in a separate apply, or use the removal policy RETAIN`,
    'has-clones',
  );
}
