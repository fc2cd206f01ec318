import type { RbdSnapshotRemoval, RbdSnapshotSpec } from '../../model';
import { empty, ours } from '../runbook-checks';
import { assigned, comment, localLine, rbdLine } from '../runbook-lines';
import { awkText, jsonWord, type Piece } from '../runbook-words';
import { markFor } from '../ownership/mark';
import { idByHand } from '../rbd-image/runbook-lines';
import { imageSpecOf } from '../rbd-image/rbd-command';
import { imageOf, snapshotKey, snapshotSpec } from './lookup';

const ID: readonly Piece[] = [{ variable: 'id' }, ':', { variable: 'snapshot' }];

export function snapshotByHand(spec: RbdSnapshotSpec): string[] {
  return [rbdLine(spec.cluster, 'snap', 'create', snapshotSpec(spec)), ...idsByHand(spec), setMark(spec, spec.entryId)];
}

export function removalByHand(removal: RbdSnapshotRemoval): string[] {
  const { cluster, removalPolicy, entryId } = removal;
  const mark = rbdLine(cluster, 'image-meta', 'get', imageSpecOf(imageOf(removal)), snapshotKey(removal));
  const isOurs = [...idsByHand(removal), ours(mark, entryId, ['"id":"', ...ID, '"'])];
  if (removalPolicy === 'retain') {
    return [comment('It is kept; the new mark lets anyone adopt it.'), ...isOurs, setMark(removal, '')];
  }
  return [
    ...isOurs,
    comment('Its clones would keep a hidden snapshot.'),
    empty(rbdLine(cluster, 'children', '--all', snapshotSpec(removal))),
    rbdLine(cluster, 'snap', 'rm', snapshotSpec(removal)),
  ];
}

export function markRemovalByHand(removal: RbdSnapshotRemoval): string[] {
  if (removal.removalPolicy === 'retain') return [];
  return [rbdLine(removal.cluster, 'image-meta', 'remove', imageSpecOf(imageOf(removal)), snapshotKey(removal))];
}

function idsByHand(of: RbdSnapshotSpec | RbdSnapshotRemoval): string[] {
  const listed = rbdLine(of.cluster, 'snap', 'ls', imageSpecOf(imageOf(of)));
  const column = `$2 == ${awkText(of.name)} {print $1}`;
  return [idByHand(imageOf(of)), assigned('snapshot', `${listed} | ${localLine('awk', column)}`)];
}

function setMark(of: RbdSnapshotSpec | RbdSnapshotRemoval, entryId: string): string {
  const mark = jsonWord(markFor({ ...of, entryId }, ''), { id: ID });
  return rbdLine(of.cluster, 'image-meta', 'set', imageSpecOf(imageOf(of)), snapshotKey(of), mark);
}
