import { commandText } from '../commands';
import { imageSpecOf } from '../rbd-image/rbd-command';
import { Refusal } from '../tools';
import { markId, snapshotKey, snapshotSpec, type Found } from './lookup';

type Named = { readonly pool: string; readonly image: string; readonly name: string };

/**
 * The mark of this very entry names a snapshot of another image: `rbd migration` gave the image, and its snapshots, new
 * ids.
 */
export function refuseMovedMark(spec: Named, { image, snapshot, mark }: Found, entryId: string): void {
  if (mark === undefined || entryId === '' || mark.entryId !== entryId || mark.id.startsWith(markId(image, undefined)))
    return;
  const name = imageSpecOf({ pool: spec.pool, name: spec.image });
  const [key, anew] = [snapshotKey(spec), JSON.stringify({ ...mark, id: markId(image, snapshot) })];
  throw new Refusal(
    `snapshot '${snapshotSpec(spec)}' carries the mark of this entry, but for another image (${mark.id}): its image was migrated, or is a copy that took the original's place`,
    `if it is the right one, renew the mark: '${commandText('rbd', 'image-meta', 'set', name, key, anew)}'; ` +
      `if not, remove the mark: '${commandText('rbd', 'image-meta', 'rm', name, key)}'; then apply again`,
    'mark-of-another',
  );
}
