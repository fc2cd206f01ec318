import type { RbdSnapshotRemoval } from '../../model';
import { assureCluster } from '../ceph-monitors';
import { rbd, typed } from '../commands';
import { mayRemove } from '../mark';
import { childrenOf, childrenText } from '../rbd-image/delete';
import { removeMeta, setMeta, specOf } from '../rbd-image/image';
import { differs, OK, type Step } from '../step';
import { Refusal, type Tools } from '../tools';
import { countingMark, imageOf, look, markId, snapshotKey, snapshotSpec, type Found } from './snapshot';

/** Applies the removal policy to what is ours; anything else is left alone, and it is said. */
export const removal: Step<RbdSnapshotRemoval> = {
  name: 'take it away',
  describe: (spec) =>
    spec.removalPolicy === 'retain'
      ? [`# snapshot ${snapshotSpec(spec)} stays`]
      : [typed('rbd', 'children', snapshotSpec(spec)), typed('rbd', 'snap', 'rm', snapshotSpec(spec))],
  async observe(spec, tools) {
    const found = await removable(spec, tools);
    return found === undefined ? OK : differs(`its removal policy is ${spec.removalPolicy}`);
  },
  async act(spec, tools) {
    const found = await removable(spec, tools);
    if (found === undefined) return;
    const mark = countingMark(found);
    if (spec.removalPolicy === 'retain' && mark !== undefined) {
      return setMeta(tools, imageOf(spec), snapshotKey(spec), { ...mark, token: '' });
    }
    await refuseClones(spec, tools);
    await tools.run(rbd(spec.cluster, 'snap', 'rm', '--no-progress', snapshotSpec(spec)));
  },
};

/** A mark goes once its snapshot is gone; also one that a killed run wrote before it made the snapshot. */
export const markRemoval: Step<RbdSnapshotRemoval> = {
  name: 'remove its mark',
  describe: (spec) =>
    spec.removalPolicy === 'retain'
      ? []
      : [typed('rbd', 'image-meta', 'remove', specOf(imageOf(spec)), snapshotKey(spec))],
  async observe(spec, tools) {
    const found = await look(tools, spec);
    if (found?.snapshot !== undefined || found?.mark === undefined) return OK;
    const { mark, imageId } = found;
    const ours = mark.id.startsWith(markId(imageId, undefined)) && mayRemove(mark, spec, mark.id);
    return ours ? differs('the snapshot is gone') : OK;
  },
  async act(spec, tools) {
    await removeMeta(tools, imageOf(spec), snapshotKey(spec));
  },
};

async function removable(spec: RbdSnapshotRemoval, tools: Tools): Promise<Found | undefined> {
  const name = snapshotSpec(spec);
  const found = await look(tools, spec);
  const there = found?.snapshot !== undefined;
  if (there && mayRemove(countingMark(found), spec, markId(found.imageId, found.snapshot))) return found;
  await assureCluster(`snapshot '${name}'`, spec.cluster, tools);
  tools.say(
    there
      ? `snapshot '${name}' is not held by this entry: it stays as it is`
      : `snapshot '${name}' is absent: nothing to remove`,
  );
  return undefined;
}

/** With clones, `rbd snap rm` would hide the snapshot, and nobody could tell any more what the clones hang on. */
async function refuseClones(spec: RbdSnapshotRemoval, tools: Tools): Promise<void> {
  const children = await childrenOf(tools, imageOf(spec), spec.name);
  if (children.length === 0) return;
  throw new Refusal(
    `snapshot '${snapshotSpec(spec)}' cannot be deleted: it has clones, ${childrenText(children)}`,
    `remove or flatten them first, in an apply of their own, or use the removal policy RETAIN`,
  );
}
