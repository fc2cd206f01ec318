import { bytesText, parseSize, type RbdImageSpec } from '../../model';
import { differs, type Judgement, type Step, OK } from '../step';
import { Refusal } from '../tools';
import { nameOf, specOf } from './image';
import { endInterruptedRemoval } from './interrupted-removal';
import { makeImage } from './create';
import { typedGrowth, typedMaking } from './runbook-creation';
import { clearScratch } from './scratch-folder';
import { judgeLeftovers, leftoverRefusal, removeLeftovers } from './interrupted-creation';
import { lookInTrash, refuseTrashed, tellTrashed } from './look-in-trash';
import type { ImageWorld } from './observed-image';

type ImageStep = Step<RbdImageSpec, ImageWorld>;

/** Creates a missing image from its source. An existing image does not need its parent any more. */
export const presence: ImageStep = {
  name: 'create it',
  describe: typedMaking,
  judge(spec, { absent }) {
    if (absent === undefined) return OK;
    if (absent.interruptedRemoval) return differs('the removal of an earlier one was interrupted');
    refuseTrashed(spec, absent.trashed);
    return differs(`image '${specOf(spec)}' is missing`);
  },
  async act(spec, { absent }, tools) {
    if (absent === undefined) return;
    let { trashed } = absent;
    if (absent.interruptedRemoval) {
      await endInterruptedRemoval(tools, spec);
      trashed = await lookInTrash(spec, tools);
      refuseTrashed(spec, trashed);
    }
    tellTrashed(spec, trashed, tools);
    await makeImage(spec, tools);
  },
};

/** Gives the image its size, which only ever grows. */
export const size: ImageStep = {
  name: 'grow it',
  describe: typedGrowth,
  judge: (spec, { image }) => (image === undefined ? OK : judgeSize(spec, image.size)),
  async act(spec, _world, tools) {
    if (spec.size === undefined) return;
    await tools.ceph(spec.cluster).growImage({ ...nameOf(spec), size: parseSize(spec.size) });
  },
};

/**
 * Also for an existing image: the run that created it may have been killed before it removed an earlier run's
 * leftovers.
 */
export const cleared: ImageStep = {
  name: 'clean up after interrupted runs',
  describe: () => [],
  judge: (_spec, world) => judgeLeftovers(world.leftovers),
  async act(spec, _world, tools) {
    await clearScratch(spec);
    const left = await removeLeftovers(tools, spec);
    if (left.length === 0) return;
    // The next apply would plan nothing for an object that succeeded.
    const next = "once it has ended, or you end it there, 'cdktf-libvirt-ceph repair' removes that";
    tools.warn(`image '${specOf(spec)}' is complete, but ${leftoverRefusal(left, next).message}`);
  },
};

export function judgeSize(spec: RbdImageSpec, actual: number): Judgement {
  if (spec.size === undefined) return OK;
  const wanted = parseSize(spec.size);
  if (wanted === actual) return OK;
  if (wanted > actual) return differs(`its size is ${bytesText(actual)}, not ${spec.size}`);
  throw new Refusal(
    `image '${specOf(spec)}' has ${bytesText(actual)} (${actual} bytes), more than its wanted size of ${spec.size}: images are never shrunk`,
    `set 'size' to at least that`,
    'image-shrinks',
  );
}
