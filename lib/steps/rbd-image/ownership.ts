import type { RbdImageSpec } from '../../model';
import { ceph, typed } from '../commands';
import { MARK_KEY, markFor, ownerText, parseMark, sameOwner, standing, type Mark, type Standing } from '../mark';
import { differs, OK, type Step } from '../step';
import { Refusal, type Tools } from '../tools';
import { judgeSize } from './ensure';
import { imageInfo, imageMark, setMeta, specOf } from './image';
import { trashKey } from './trash';

/** It is ours: what is there and is not, is refused, and so is a size that would cut it: a mark is set on what is taken. */
export const ownership: Step<RbdImageSpec> = {
  name: 'its mark',
  describe: (spec) => [
    typed('rbd', 'image-meta', 'set', specOf(spec), MARK_KEY, JSON.stringify(markFor(spec, 'ID-OF-THE-IMAGE'))),
  ],
  async observe(spec, tools) {
    const found = await markAndStanding(spec, tools);
    if (found === undefined || isAsWanted(spec, found)) return OK;
    refuseTaking(spec, found);
    return differs(TAKEN[found.stands]);
  },
  async act(spec, tools) {
    const found = await markAndStanding(spec, tools);
    if (found === undefined) return;
    refuseTaking(spec, found);
    if (found.stands === 'ours-other-token') await tellTakenBack(spec, found.id, found.mark, tools);
    await setMeta(tools, spec, MARK_KEY, markFor(spec, found.id));
  },
};

const TAKEN: { readonly [stands in Standing]: string } = {
  ours: 'the mark names the owner as it was called before',
  'ours-other-token': 'the image is ours by another entry of the state',
  'released-by-us': 'the image was released and is taken back',
  released: 'the image was released by its owner and is adopted',
  unmarked: 'the image carries no mark and is adopted',
  foreign: '',
};

interface Found {
  readonly id: string;
  readonly size: number;
  readonly mark: Mark | undefined;
  readonly stands: Standing;
}

async function markAndStanding(spec: RbdImageSpec, tools: Tools): Promise<Found | undefined> {
  const info = await imageInfo(tools, spec);
  if (info === undefined) return undefined;
  const { id, size } = info;
  const mark = await imageMark(tools, spec);
  return { id, size, mark, stands: standing(mark, spec, spec.registry, id) };
}

/** The token tells that it is ours, also after its owner was renamed; by the owner it is known once the state is lost. */
function isAsWanted(spec: RbdImageSpec, { stands, mark }: Found): boolean {
  return stands === 'ours' && mark !== undefined && sameOwner(mark.owner, spec.owner);
}

function refuseTaking(spec: RbdImageSpec, found: Found): void {
  refuseOthers(spec, found);
  judgeSize(spec, found.size);
}

function refuseOthers(spec: RbdImageSpec, { stands, mark }: Found): void {
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
