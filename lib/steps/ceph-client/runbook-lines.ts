import type { CephClientRemoval, CephClientSpec } from '../../model';
import { absent, absentInJson, ours, unused } from '../runbook-checks';
import { assigned, cephLine, comment, localLine } from '../runbook-lines';
import { jsonWord, literally } from '../runbook-words';
import { markKey } from '../ownership/config-key';
import { markFor } from '../ownership/mark';
import { capsArguments } from './caps';
import { type ClientMark, entityOf, markName } from './lookup';

/** If the entity already exists with the same capabilities, Ceph reports success: exit code 0. */
export function guardByHand(spec: CephClientSpec): string[] {
  return [
    absent(cephLine(spec.cluster, 'auth', 'ls'), entityOf(spec)),
    absentInJson(cephLine(spec.cluster, 'config-key', 'ls'), markKey(markName(spec))),
  ];
}

/** Unlike `get-or-create` it prints no key. */
export function creationByHand(spec: CephClientSpec): string[] {
  return [cephLine(spec.cluster, 'auth', 'add', entityOf(spec), ...capsArguments(spec.caps))];
}

export function markByHand(spec: CephClientSpec, keyGeneration: number): string[] {
  const mark: ClientMark = { ...markFor(spec, entityOf(spec)), caps: spec.caps, keyGeneration, keyId: '' };
  return [
    comment('A random ID for the key, which the mark of each secret that holds it names too.'),
    assigned('keyId', localLine('cat', '/proc/sys/kernel/random/uuid')),
    setMark(spec, jsonWord(mark, { keyId: [{ variable: 'keyId' }] })),
  ];
}

export function releaseByHand(removal: CephClientRemoval): string[] {
  if (removal.removalPolicy !== 'retain') return [];
  const { cluster } = removal;
  const shown = cephLine(cluster, 'config-key', 'get', markKey(markName(removal)));
  return [
    comment('It is kept, with its key; the new mark lets anyone adopt it.'),
    ours(shown, removal.entryId),
    assigned('mark', `${shown} | sed 's/"entryId":"${literally(removal.entryId)}"/"entryId":""/'`),
    `${cephLine(cluster, 'config-key', 'set', markKey(markName(removal)), '-i', '-')} <<<"\${mark:?}"`,
  ];
}

export function deletionByHand(removal: CephClientRemoval): string[] {
  if (removal.removalPolicy !== 'delete') return [];
  const { cluster } = removal;
  const entity = entityOf(removal);
  return [
    ours(cephLine(cluster, 'config-key', 'get', markKey(markName(removal))), removal.entryId),
    comment('Connected clients would keep using a void key.'),
    unused(`"${entity}"`, cephLine(cluster, 'tell', 'mon.*', 'sessions')),
    cephLine(cluster, 'auth', 'del', entity),
  ];
}

export function markRemovalByHand(removal: CephClientRemoval): string[] {
  if (removal.removalPolicy !== 'delete') return [];
  return [cephLine(removal.cluster, 'config-key', 'rm', markKey(markName(removal)))];
}

function setMark(spec: CephClientSpec, mark: ReturnType<typeof jsonWord>): string {
  return cephLine(spec.cluster, 'config-key', 'set', markKey(markName(spec)), mark);
}
