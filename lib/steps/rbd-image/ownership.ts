import type { Image } from '../../ceph';
import type { RbdImageSpec } from '../../model';
import { typed } from '../commands';
import { MARK_KEY, markFor, ownerText, sameOwner, ownershipOf, type Mark, type Ownership } from '../mark';
import { differs, OK, type Step } from '../step';
import { Refusal, type Tools } from '../tools';
import { judgeSize } from './ensure';
import { nameOf, specOf } from './image';
import { refuseMigrating } from './managed';
import { trashKey } from './trash';
import { type ImageWorld, markOf } from './world';

/** It is ours: what is there and is not, is refused, and so is a size that would cut it: a mark is set on what is taken. */
export const ownership: Step<RbdImageSpec, ImageWorld> = {
  name: 'marking it',
  describe: (spec) => [
    typed('rbd', 'image-meta', 'set', specOf(spec), MARK_KEY, JSON.stringify(markFor(spec, 'ID-OF-THE-IMAGE'))),
  ],
  judge(spec, { image }) {
    if (image === undefined) return OK;
    const [mark, stands] = ownershipIn(spec, image);
    // The entry id tells that it is ours, also after its owner was renamed; by the owner it is known once the state is lost.
    if (stands === 'ours' && mark !== undefined && sameOwner(mark.owner, spec.owner)) return OK;
    refuseMovedMark(spec, image, spec.entryId);
    refuseOthers(spec, stands, mark);
    judgeSize(spec, image.size);
    return differs(TAKEN[stands]);
  },
  async act(spec, { image, wasTrashed }, tools) {
    if (image === undefined) return;
    const [mark, stands] = ownershipIn(spec, image);
    if (stands === 'ours-other-entry') await tellTakenBack(spec, image, mark, wasTrashed === true, tools);
    const value = JSON.stringify(markFor(spec, image.id));
    await tools.ceph(spec.cluster).setMetadata({ ...nameOf(spec), key: MARK_KEY, value });
  },
};

const TAKEN: { readonly [stands in Ownership]: string } = {
  ours: 'the mark names the owner as it was called before',
  'ours-other-entry': 'the image is ours by another entry of the state',
  'released-by-us': 'the image was released and is taken back',
  released: 'the image was released by its owner and is adopted',
  unmarked: 'the image carries no mark and is adopted',
  foreign: '',
};

function ownershipIn(spec: RbdImageSpec, image: Image): readonly [Mark | undefined, Ownership] {
  const mark = markOf(image);
  return [mark, ownershipOf(mark, spec, spec.entryId, image.id)];
}

/**
 * The mark of this very entry names another image: `rbd migration` gave it a new id, or a copy took the place of what it was
 * copied from. Which of the two is for a person to say, and whether the data is the one that is meant.
 */
export function refuseMovedMark(
  spec: { readonly pool: string; readonly name: string },
  image: Image,
  entryId: string,
): void {
  const mark = markOf(image);
  if (mark === undefined || entryId === '' || mark.entryId !== entryId || mark.id === image.id) return;
  // Marked anew now, it would name the wrong one once the migration is aborted.
  refuseMigrating(spec, image);
  const name = specOf(spec);
  const anew = JSON.stringify({ ...mark, id: image.id });
  throw new Refusal(
    `image '${name}' carries the mark of this entry, which names it by another id (${mark.id}; it is ${image.id} now): it was migrated, or is a copy in the place of the first`,
    `where it is the one that is meant, mark it anew: '${typed('rbd', 'image-meta', 'set', name, MARK_KEY, anew)}'; ` +
      `where it is not, take the mark off: '${typed('rbd', 'image-meta', 'rm', name, MARK_KEY)}'; then apply again`,
  );
}

function refuseOthers(spec: RbdImageSpec, stands: Ownership, mark: Mark | undefined): void {
  const name = specOf(spec);
  if (stands === 'foreign' && mark !== undefined) {
    throw new Refusal(
      `image '${name}' belongs to ${ownerText(mark.owner)}`,
      `choose another name, or let that stack release it (removal policy RETAIN, then take it out) and set 'adopt: true'`,
    );
  }
  if (spec.adopt === true || (stands !== 'unmarked' && stands !== 'released')) return;
  const whose =
    stands === 'unmarked' ? ' and was not made by us' : `, released by ${mark ? ownerText(mark.owner) : ''}`;
  throw new Refusal(
    `image '${name}' is there already${whose}`,
    `set 'adopt: true' to take it over with its data, or free the name: '${typed('rbd', 'mv', name, `${name}-old`)}'`,
  );
}

/** One that was in the trash is expected to carry an old entry id; any other may be in another state's hands. */
async function tellTakenBack(
  spec: RbdImageSpec,
  { id }: Image,
  mark: Mark | undefined,
  wasTrashed: boolean,
  tools: Tools,
): Promise<void> {
  if (wasTrashed) {
    tools.say(`image '${specOf(spec)}' is back from the trash`);
    return tools.ceph(spec.cluster).removeConfigKey({ key: trashKey(spec.pool, id) });
  }
  tools.warn(
    `image '${specOf(spec)}' is taken back from the entry '${mark?.entryId}' of another or lost state of this stack; ` +
      'if that state still exists, destroy nothing with it',
  );
}
