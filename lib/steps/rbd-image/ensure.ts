import { parseSize, type RbdImageSpec } from '../../model';
import { ceph, rbd, typed } from '../commands';
import { MARK_KEY, markFor, ownerText, parseMark, standing, type Mark, type Standing } from '../mark';
import { differs, OK, type Observation, type Step } from '../step';
import { Refusal, type Tools } from '../tools';
import { describeMaking } from './describe';
import { imageInfo, imageMark, setMeta, specOf } from './image';
import { makeImage } from './making';
import { bytesText } from './progress';
import { leftoverRefusal, leftovers, sweep } from './temporary';
import { heedTrash, trashKey } from './trash';

/** The image is there, made from its source when it was not. One that is there does not look at its parent. */
export const presence: Step<RbdImageSpec> = {
  name: 'the image',
  describe: describeMaking,
  async observe(spec, tools) {
    if ((await imageInfo(tools, spec)) !== undefined) return OK;
    await heedTrash(spec, tools);
    return differs(`image '${specOf(spec)}' is missing`);
  },
  act: makeImage,
};

/** It is ours: what is there and is not, is refused. */
export const ownership: Step<RbdImageSpec> = {
  name: 'its mark',
  describe: (spec) => [
    typed('rbd', 'image-meta', 'set', specOf(spec), MARK_KEY, JSON.stringify(markFor(spec, 'ID-OF-THE-IMAGE'))),
  ],
  async observe(spec, tools) {
    const found = await markAndStanding(spec, tools);
    if (found === undefined || found.stands === 'ours') return OK;
    refuseOthers(spec, found.stands, found.mark);
    return differs(TAKEN[found.stands]);
  },
  async act(spec, tools) {
    const found = await markAndStanding(spec, tools);
    if (found === undefined) return;
    refuseOthers(spec, found.stands, found.mark);
    if (found.stands === 'ours-other-token') await tellTakenBack(spec, found.id, found.mark, tools);
    await setMeta(tools, spec, MARK_KEY, markFor(spec, found.id));
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
  name: 'what interrupted runs left',
  describe: () => [],
  async observe(spec, tools) {
    const names = (await leftovers(tools, spec)).map(specOf);
    return names.length === 0 ? OK : differs(`an interrupted run left ${names.join(', ')}`);
  },
  async act(spec, tools) {
    const left = await sweep(tools, spec);
    if (left.length > 0) tools.warn(`${leftoverRefusal(left).message}; image '${specOf(spec)}' itself is whole`);
  },
};

const TAKEN: { readonly [stands in Standing]: string } = {
  ours: '',
  'ours-other-token': 'the image is ours by another entry of the state',
  'released-by-us': 'the image was released and is taken back',
  released: 'the image was released by its owner and is adopted',
  unmarked: 'the image carries no mark and is adopted',
  foreign: '',
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

async function markAndStanding(spec: RbdImageSpec, tools: Tools) {
  const info = await imageInfo(tools, spec);
  if (info === undefined) return undefined;
  const mark = await imageMark(tools, spec);
  return { id: info.id, mark, stands: standing(mark, spec, spec.registry, info.id) };
}

function refuseOthers(spec: RbdImageSpec, stands: Standing, mark: Mark | undefined): void {
  const name = specOf(spec);
  if (stands === 'foreign' && mark !== undefined) {
    throw new Refusal(
      `image '${name}' belongs to ${ownerText(mark.owner)}`,
      `choose another name, or let that stack release it (removal policy RETAIN, then take it out) and set 'adopt: true'`,
    );
  }
  if (spec.adopt === true || (stands !== 'unmarked' && stands !== 'released')) return;
  const whose = stands === 'unmarked' ? 'and was not made by us' : `, released by ${mark ? ownerText(mark.owner) : ''}`;
  throw new Refusal(
    `image '${name}' is there already ${whose}`.replace(' ,', ','),
    `set 'adopt: true' to take it over with its data, or free the name: '${typed('rbd', 'mv', name, `${name}-old`)}'`,
  );
}

/** One that was in the trash is expected to carry an old token; any other may be in another state's hands. */
async function tellTakenBack(spec: RbdImageSpec, id: string, mark: Mark | undefined, tools: Tools): Promise<void> {
  const key = trashKey(spec.pool, id);
  const trashed = await tools.attempt(ceph(spec.cluster, 'config-key', 'get', key));
  if (trashed.exitCode === 0 && parseMark(trashed.stdout)?.id === id) {
    tools.say(`image '${specOf(spec)}' is back from the trash`);
    await tools.run(ceph(spec.cluster, 'config-key', 'rm', key));
    return;
  }
  tools.warn(
    `image '${specOf(spec)}' is taken back from the entry '${mark?.token}' of another or lost state of this stack; ` +
      'if that state still exists, destroy nothing with it',
  );
}
