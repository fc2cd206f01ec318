import { parseSize, type RbdImageSpec } from '../../model';
import { assureCluster } from '../ceph-monitors';
import { rbd, typed } from '../commands';
import { differs, OK, type Observation, type Step } from '../step';
import { Refusal } from '../tools';
import { cutOff, endCutOff } from './cut-off';
import { describeMaking } from './describe';
import { imageInfo, specOf } from './image';
import { makeImage } from './making';
import { bytesText } from './progress';
import { clearScratch } from './scratch';
import { leftoverRefusal, remainsOfRuns, sweep } from './temporary';
import { refuseTrashed, tellTrashed } from './trash';

/** The image is there, made from its source when it was not. One that is there does not look at its parent. */
export const presence: Step<RbdImageSpec> = {
  name: 'creating it',
  describe: describeMaking,
  async observe(spec, tools) {
    if ((await imageInfo(tools, spec)) !== undefined) return OK;
    await assureCluster(`image '${specOf(spec)}'`, spec.cluster, tools);
    if (await cutOff.afresh(spec, tools)) return differs('the removal of an earlier one was cut off');
    await refuseTrashed(spec, tools);
    return differs(`image '${specOf(spec)}' is missing`);
  },
  async act(spec, tools) {
    if (await cutOff.get(spec, tools)) {
      await endCutOff(tools, spec);
      await refuseTrashed(spec, tools);
    }
    await tellTrashed(spec, tools);
    await makeImage(spec, tools);
  },
};

/** It has its size; it only ever grows. */
export const size: Step<RbdImageSpec> = {
  name: 'its size',
  describe: (spec) =>
    spec.size === undefined ? [] : [typed('rbd', 'resize', '--size', sizeArgument(spec.size), specOf(spec))],
  async observe(spec, tools) {
    const info = await imageInfo(tools, spec);
    return info === undefined ? OK : judgeSize(spec, info.size);
  },
  async act(spec, tools) {
    if (spec.size === undefined) return;
    // Without --allow-shrink `rbd` refuses to cut, whatever happened since the look.
    await tools.run(rbd(spec.cluster, 'resize', '--no-progress', '--size', sizeArgument(spec.size), specOf(spec)));
  },
};

/** Also for an image that is there: the run that made it may have been killed before it cleared away what one before had left. */
export const cleared: Step<RbdImageSpec> = {
  ...remainsOfRuns,
  async act(spec, tools) {
    await clearScratch(spec);
    const left = await sweep(tools, spec);
    if (left.length > 0) tools.warn(`${leftoverRefusal(left).message}; image '${specOf(spec)}' itself is whole`);
  },
};

/** "20 GiB" as rbd takes it, in bytes: a bare number would be MiB. */
function sizeArgument(text: string): string {
  return `${parseSize(text)}B`;
}

export function judgeSize(spec: RbdImageSpec, actual: number): Observation {
  if (spec.size === undefined) return OK;
  const wanted = parseSize(spec.size);
  if (wanted === actual) return OK;
  if (wanted > actual) return differs(`its size is ${bytesText(actual)}, wanted is ${spec.size}`);
  throw new Refusal(
    `image '${specOf(spec)}' has ${bytesText(actual)} (${actual} bytes) and its wanted size is ${spec.size}: an image is never cut`,
    `write 'size' as at least that`,
  );
}
