import type { Kind, ObjectSpec, Removal } from '../model';
import { cephClient } from './ceph-client';
import { cephPool } from './ceph-pool';
import { cephSecret } from './ceph-secret';
import { clientConfig } from './client-config';
import { disk } from './disk';
import { domain } from './domain';
import { rbdImage } from './rbd-image';
import { rbdSnapshot } from './rbd-snapshot';
import type { AnyKindSteps, KindSteps } from './step';
import { storagePool } from './storage-pool';

/** Every kind that the scripts know. */
const KINDS: { readonly [K in Kind]: AnyKindSteps } = {
  'ceph-pool': erased(cephPool),
  'ceph-client': erased(cephClient),
  'rbd-image': erased(rbdImage),
  'rbd-snapshot': erased(rbdSnapshot),
  'ceph-secret': erased(cephSecret),
  'client-config': erased(clientConfig),
  'storage-pool': erased(storagePool),
  disk: erased(disk),
  domain: erased(domain),
};

/** The steps of a kind; undefined if there is no such kind. */
export function kindSteps(kind: string): AnyKindSteps | undefined {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind as Kind] : undefined;
}

/** Each kind gets what its own parser returned, so the types in the table can be shared by all. */
function erased<S extends ObjectSpec, R extends Removal, W, Q>(steps: KindSteps<S, R, W, Q>): AnyKindSteps {
  return steps as unknown as AnyKindSteps;
}
