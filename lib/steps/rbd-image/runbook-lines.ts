import { type RbdImageRemoval, type RbdImageSpec } from '../../model';
import { empty, ours, unused } from '../runbook-checks';
import { assigned, cephLine, comment, rbdLine } from '../runbook-lines';
import { jsonWord, type Piece } from '../runbook-words';
import { MARK_KEY, markFor } from '../ownership/mark';
import { CLONE_SNAPSHOT } from './clone';
import { SOURCE_KEY, imageSpecOf, type ImageRef } from './rbd-command';
import { trashKey } from './look-in-trash';

const ID: Piece = { variable: 'id' };

export function idByHand(image: ImageRef): string {
  return assigned('id', `${rbdLine(image.cluster, 'info', imageSpecOf(image))} | awk '$1 == "id:" {print $2}'`);
}

export function markByHand(spec: RbdImageSpec): string[] {
  return [idByHand(spec), setMark(spec, spec.entryId)];
}

/** The source from which it was created, so that a later change of it is noticed. */
export function recordByHand(spec: RbdImageSpec, record: object): string[] {
  return [rbdLine(spec.cluster, 'image-meta', 'set', imageSpecOf(spec), SOURCE_KEY, jsonWord(record, { id: [ID] }))];
}

export function removalByHand(removal: RbdImageRemoval, expirySeconds: number): readonly string[] {
  const { cluster, pool, entryId, removalPolicy } = removal;
  const name = imageSpecOf(removal);
  const mark = rbdLine(cluster, 'image-meta', 'get', name, MARK_KEY);
  // A copy in its place has the same mark but another id.
  const isOurs = [idByHand(removal), ours(mark, entryId, ['"id":"', ID, '"'])];
  const isUnused = unused('watcher=', rbdLine(cluster, 'status', name));
  switch (removalPolicy) {
    case 'retain':
      return [
        comment('It is kept, with its data; the new mark lets anyone adopt it.'),
        ...isOurs,
        setMark(removal, ''),
      ];
    case 'trash': {
      const kept = jsonWord(markFor(removal, ''), { id: [ID] });
      return [
        ...isOurs,
        comment('Ceph moves even an image that is in use. Its mark stays with it in the trash.'),
        isUnused,
        cephLine(cluster, 'config-key', 'set', [trashKey(pool, ''), ID], kept),
        rbdLine(cluster, 'trash', 'mv', '--expires-at', `+${expirySeconds} seconds`, name),
      ];
    }
    case 'delete':
      return [
        ...isOurs,
        isUnused,
        comment("An image with clones, or with snapshots of others, is kept: 'rbd' itself refuses to delete it."),
        empty(rbdLine(cluster, 'children', '--all', name)),
        empty(`${rbdLine(cluster, 'snap', 'ls', name)} | awk 'NR > 1 && $2 != "${CLONE_SNAPSHOT}"'`),
        `if ${rbdLine(cluster, 'info', `${name}@${CLONE_SNAPSHOT}`)} >/dev/null 2>&1; then ${rbdLine(cluster, 'snap', 'rm', '--no-progress', `${name}@${CLONE_SNAPSHOT}`)}; fi`,
        rbdLine(cluster, 'rm', '--no-progress', name),
      ];
  }
}

function setMark(of: RbdImageSpec | RbdImageRemoval, entryId: string): string {
  const mark = jsonWord(markFor({ ...of, entryId }, ''), { id: [ID] });
  return rbdLine(of.cluster, 'image-meta', 'set', imageSpecOf(of), MARK_KEY, mark);
}
