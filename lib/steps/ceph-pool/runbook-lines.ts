import type { CephPoolRemoval, CephPoolSpec } from '../../model';
import { absent, absentInJson, empty, ours } from '../runbook-checks';
import { assigned, cephLine, comment, radosLine, rbdLine } from '../runbook-lines';
import { jsonWord, type Piece } from '../runbook-words';
import { INTENT, markKey } from '../ownership/config-key';
import { markFor } from '../ownership/mark';
import { markName } from './lookup';

const NUMBER: Piece = { variable: 'number' };

/** If the pool already exists, Ceph says "already exists" with exit code 0. */
export function guardByHand(spec: CephPoolSpec): string[] {
  return [
    absent(cephLine(spec.cluster, 'osd', 'pool', 'ls'), spec.name),
    absentInJson(cephLine(spec.cluster, 'config-key', 'ls'), markKey(markName(spec))),
  ];
}

export function markByHand(spec: CephPoolSpec): string[] {
  return [numberByHand(spec), ...setMark(spec, spec.entryId)];
}

export function releaseByHand(removal: CephPoolRemoval): string[] {
  if (removal.removalPolicy !== 'retain') return [];
  return [
    comment('It is kept, with its data; the new mark lets anyone adopt it.'),
    ...ownershipByHand(removal),
    ...setMark(removal, ''),
  ];
}

/** Ceph deletes a pool whatever it contains. */
export function deletionByHand(removal: CephPoolRemoval): string[] {
  if (removal.removalPolicy !== 'delete') return [];
  const { cluster, name } = removal;
  const others = `awk -F '\\t' '$2 !~ /^rbd_(directory|children|info|trash|namespace|mirroring|mirror_leader|task)$/'`;
  return [
    ...ownershipByHand(removal),
    comment("Ceph deletes a pool whatever is in it: this one must contain nothing but RBD's own records."),
    empty(rbdLine(cluster, 'ls', name)),
    empty(rbdLine(cluster, 'trash', 'ls', '--all', name)),
    empty(rbdLine(cluster, 'namespace', 'ls', name)),
    empty(`${radosLine(cluster, '--pool', name, 'ls', '--all')} | ${others}`),
    comment("If Ceph refuses it: 'ceph config set mon mon_allow_pool_delete true', and false afterwards."),
    cephLine(cluster, 'osd', 'pool', 'delete', name, name, '--yes-i-really-really-mean-it'),
  ];
}

export function markRemovalByHand(removal: CephPoolRemoval): string[] {
  if (removal.removalPolicy !== 'delete') return [];
  return [cephLine(removal.cluster, 'config-key', 'rm', markKey(markName(removal)))];
}

/** A pool that was created again under the name has another number. */
function ownershipByHand(removal: CephPoolRemoval): string[] {
  const mark = cephLine(removal.cluster, 'config-key', 'get', markKey(markName(removal)));
  return [numberByHand(removal), ours(mark, removal.entryId, ['"id":"', NUMBER, '"'])];
}

function numberByHand({ cluster, name }: CephPoolSpec | CephPoolRemoval): string {
  const shown = cephLine(cluster, 'osd', 'pool', 'get', name, 'size', '--format', 'json');
  return assigned('number', `${shown} | sed -n 's/.*"pool_id":\\([0-9]*\\).*/\\1/p'`);
}

function setMark(of: CephPoolSpec | CephPoolRemoval, entryId: string): string[] {
  const mark = jsonWord(markFor({ ...of, entryId }, INTENT), { id: [NUMBER] });
  return [cephLine(of.cluster, 'config-key', 'set', markKey(markName(of)), mark)];
}
