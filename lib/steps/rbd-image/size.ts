import { bytesText, parseSize, type RbdImageSpec } from '../../model';
import { differs, type Judgement, type Step, OK } from '../step';
import { Refusal } from '../tools';
import { nameOf, imageSpecOf } from './rbd-command';
import { growthByHand } from './runbook-creation';
import type { ImageWorld } from './observed-image';

/** Gives the image its size, which only ever grows. */
export const size: Step<RbdImageSpec, ImageWorld> = {
  name: 'grow it',
  describe: growthByHand,
  judge: (spec, { image }) => (image === undefined ? OK : judgeSize(spec, image.size)),
  async act(spec, _world, tools) {
    if (spec.size === undefined) return;
    await tools.ceph(spec.cluster).growImage({ ...nameOf(spec), size: parseSize(spec.size) });
  },
};

export function judgeSize(spec: RbdImageSpec, actual: number): Judgement {
  if (spec.size === undefined) return OK;
  const wanted = parseSize(spec.size);
  if (wanted === actual) return OK;
  if (wanted > actual) return differs(`its size is ${bytesText(actual)}, not ${spec.size}`);
  throw new Refusal(
    `image '${imageSpecOf(spec)}' has ${bytesText(actual)} (${actual} bytes), more than its wanted size of ${spec.size}: images are never shrunk`,
    `set 'size' to at least that`,
    'image-shrinks',
  );
}
