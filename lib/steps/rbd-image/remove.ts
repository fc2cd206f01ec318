import { parseDuration, type RbdImageRemoval } from '../../model';
import { assureCluster } from '../ceph-monitors';
import { ceph, rbd, typed } from '../commands';
import { MARK_KEY, mayRemove, ownerText, type Mark } from '../mark';
import { differs, OK, type Step } from '../step';
import type { Tools } from '../tools';
import { refuseWatchers } from '../watchers';
import { CLONE_SNAPSHOT } from './clone';
import { cutOff, endCutOff } from './cut-off';
import { deleteImage } from './delete';
import { imageInfo, imageMark, setMeta, specOf } from './image';
import { clearScratch } from './scratch';
import { leftoverRefusal, remainsOfRuns, sweep } from './temporary';
import { trashKey } from './trash';

const DEFAULT_EXPIRY = '30 days';

/** Applies the removal policy to what is ours; anything else is left alone, and it is said. */
export const removal: Step<RbdImageRemoval> = {
  name: 'take it away',
  describe: describeRemoval,
  async observe(spec, tools) {
    const found = await removable(spec, tools);
    if (found === CUT_OFF) return differs('its removal was cut off');
    return found === undefined ? OK : differs(`its removal policy is ${spec.removalPolicy}`);
  },
  async act(spec, tools) {
    const found = await removable(spec, tools);
    if (found === undefined) return;
    if (found === CUT_OFF) return endCutOff(tools, spec);
    if (spec.removalPolicy === 'retain') return setMeta(tools, spec, MARK_KEY, { ...found, token: '' });
    if (spec.removalPolicy === 'delete') return deleteImage(spec, tools);
    return moveToTrash(spec, found, tools);
  },
};

/** What killed runs left of it goes too. */
export const remains: Step<RbdImageRemoval> = {
  ...remainsOfRuns,
  async act(spec, tools) {
    await clearScratch(spec);
    const left = await sweep(tools, spec);
    if (left.length > 0) throw leftoverRefusal(left);
  },
};

const CUT_OFF = 'cut off';

/** The mark of the image when it is this entry's; undefined where there is nothing to do. */
async function removable(spec: RbdImageRemoval, tools: Tools): Promise<Mark | typeof CUT_OFF | undefined> {
  const name = specOf(spec);
  const info = await imageInfo(tools, spec);
  const mark = info && (await imageMark(tools, spec));
  if (info !== undefined && mayRemove(mark, spec, info.id)) return mark;
  await assureCluster(`image '${name}'`, spec.cluster, tools);
  if (info === undefined) {
    if (spec.removalPolicy !== 'retain' && (await cutOff.afresh(spec, tools))) return CUT_OFF;
    tools.say(`image '${name}' is absent: nothing to remove`);
    return undefined;
  }
  const whose =
    mark?.id !== info.id
      ? 'carries no mark of ours'
      : mark.token === ''
        ? 'is released already'
        : `is held by another entry of ${ownerText(mark.owner)}`;
  tools.say(`image '${name}' ${whose}: it stays as it is`);
  return undefined;
}

/** The mark goes to the trash first: `rbd trash mv` moves even what is in use, and nothing can be read of it afterwards. */
async function moveToTrash(spec: RbdImageRemoval, mark: Mark, tools: Tools): Promise<void> {
  await refuseWatchers(tools, spec.cluster, spec, 'moved to the trash');
  const key = trashKey(spec.pool, mark.id);
  // The entry's owner, by whom it is looked for: that in the image may be the one before the stack was renamed.
  const kept = JSON.stringify({ ...mark, owner: spec.owner });
  await tools.run(ceph(spec.cluster, 'config-key', 'set', key, kept));
  await refuseWatchers(tools, spec.cluster, spec, 'moved to the trash');
  // Ended half-way it would leave an image that is neither here nor there.
  await tools.run(rbd(spec.cluster, 'trash', 'mv', '--expires-at', expiry(spec), specOf(spec)), { toItsEnd: true });
  tools.say(
    `image '${specOf(spec)}' is in the trash, until it is ${spec.trashExpiry ?? DEFAULT_EXPIRY} old: ` +
      typed('rbd', 'trash', 'restore', `${spec.pool}/${mark.id}`),
  );
}

/** A text for date(1), by which rbd reads it. */
function expiry(spec: RbdImageRemoval): string {
  return `+${parseDuration(spec.trashExpiry ?? DEFAULT_EXPIRY)} seconds`;
}

function describeRemoval(spec: RbdImageRemoval): readonly string[] {
  const name = specOf(spec);
  switch (spec.removalPolicy) {
    case 'retain':
      return [`# image ${name} stays`];
    case 'trash':
      return [typed('rbd', 'status', name), typed('rbd', 'trash', 'mv', '--expires-at', expiry(spec), name)];
    case 'delete':
      return [
        typed('rbd', 'status', name),
        typed('rbd', 'snap', 'rm', `${name}@${CLONE_SNAPSHOT}`),
        typed('rbd', 'rm', name),
      ];
  }
}
