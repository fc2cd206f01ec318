import type { Image } from '../../ceph';
import type { RbdImageSpec } from '../../model';
import { commandText } from '../commands';
import { MARK_KEY, markFor, sameOwner, ownershipOf, type Mark, type Ownership } from '../ownership/mark';
import { refuseOthers, takenBack } from '../ownership/refusal';
import { differs, type Note, OK, type Step } from '../step';
import { Refusal } from '../tools';
import { markByHand } from './runbook-lines';
import { judgeSize } from './size';
import { nameOf, imageSpecOf } from './rbd-command';
import { refuseMigrating } from './managed-elsewhere';
import { trashKey } from './look-in-trash';
import { type ImageWorld, markOf } from './observed-image';

/**
 * Refuses an image that belongs to another owner and a size that would shrink it, and marks an image that is adopted or
 * taken back.
 */
export const ownership: Step<RbdImageSpec, ImageWorld> = {
  name: 'mark it',
  describe: markByHand,
  judge(spec, { image, wasTrashed }) {
    if (image === undefined) return OK;
    const [mark, ownership] = ownershipIn(spec, image);
    // The entry id identifies it even after the owner was renamed; the owner identifies it after the state was lost.
    if (ownership === 'ours' && mark !== undefined && sameOwner(mark.owner, spec.owner)) return OK;
    refuseMovedMark(spec, image, spec.entryId);
    refuse(spec, ownership, mark);
    judgeSize(spec, image.size);
    return differs(TAKEN[ownership], ...notesOf(spec, mark, ownership, wasTrashed === true));
  },
  async act(spec, { image, wasTrashed }, tools) {
    if (image === undefined) return;
    const [, ownership] = ownershipIn(spec, image);
    if (wasTrashed && ownership === 'ours-other-entry')
      await tools.ceph(spec.cluster).removeConfigKey({ key: trashKey(spec.pool, image.id) });
    const value = JSON.stringify(markFor(spec, image.id));
    await tools.ceph(spec.cluster).setMetadata({ ...nameOf(spec), key: MARK_KEY, value });
  },
};

const TAKEN: { readonly [ownership in Ownership]: string } = {
  ours: 'the mark names the owner by its earlier name',
  'ours-other-entry': 'the mark names another entry of this stack',
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
 * The mark of this very entry names another image: `rbd migration` gave it a new id, or a copy replaced the image that
 * it was copied from. Only a person can tell which of the two, and whether its data is right.
 */
export function refuseMovedMark(
  spec: { readonly pool: string; readonly name: string },
  image: Image,
  entryId: string,
): void {
  const mark = markOf(image);
  if (mark === undefined || entryId === '' || mark.entryId !== entryId || mark.id === image.id) return;
  // A new mark would name the wrong image if the migration were aborted.
  refuseMigrating(spec, image);
  const name = imageSpecOf(spec);
  const anew = JSON.stringify({ ...mark, id: image.id });
  throw new Refusal(
    `image '${name}' carries the mark of this entry, but with another image id (${mark.id}, not ${image.id}): it was migrated, or is a copy that took the original's place`,
    `if it is the right one, renew the mark: '${commandText('rbd', 'image-meta', 'set', name, MARK_KEY, anew)}'; ` +
      `if not, remove the mark: '${commandText('rbd', 'image-meta', 'rm', name, MARK_KEY)}'; then apply again`,
    'mark-of-another',
  );
}

function refuse(spec: RbdImageSpec, ownership: Ownership, mark: Mark | undefined): void {
  const name = imageSpecOf(spec);
  refuseOthers({
    ...{ title: `image '${name}'`, mark, ownership },
    adoption: { adopt: spec.adopt, keeps: ' with its data' },
    whereHeld: `choose another name, or let that stack release it (removal policy RETAIN, then remove it from the code) and set 'adopt: true'`,
    whereUnheld: `free the name: '${commandText('rbd', 'mv', name, `${name}-old`)}'`,
  });
}

/**
 * An image from the trash carries the mark of an earlier entry; the mark of any other may belong to a state that still
 * exists.
 */
function notesOf(
  spec: RbdImageSpec,
  mark: Mark | undefined,
  ownership: Ownership,
  wasTrashed: boolean,
): readonly Note[] {
  const title = `image '${imageSpecOf(spec)}'`;
  const isBack = wasTrashed && ownership === 'ours-other-entry';
  return isBack ? [{ say: `${title} is restored from the trash` }] : takenBack(title, { mark, ownership });
}
