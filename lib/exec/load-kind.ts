import type { Kind, ObjectSpec, Removal } from '../model';
import type { AnyKindSteps, KindSteps } from '../steps/step';

/** Loads only one kind: with all of them the script would take twice as long to start. */
const LOADERS: { readonly [K in Kind]: () => Promise<AnyKindSteps> } = {
  'ceph-pool': async () => erased((await import('../steps/ceph-pool/index.js')).cephPool),
  'ceph-client': async () => erased((await import('../steps/ceph-client/index.js')).cephClient),
  'rbd-image': async () => erased((await import('../steps/rbd-image/index.js')).rbdImage),
  'rbd-snapshot': async () => erased((await import('../steps/rbd-snapshot/index.js')).rbdSnapshot),
  'ceph-secret': async () => erased((await import('../steps/ceph-secret/index.js')).cephSecret),
  'client-config': async () => erased((await import('../steps/client-config/index.js')).clientConfig),
  'storage-pool': async () => erased((await import('../steps/storage-pool/index.js')).storagePool),
  disk: async () => erased((await import('../steps/disk/index.js')).disk),
  domain: async () => erased((await import('../steps/domain/index.js')).domain),
};

export function loadKind(kind: Kind): Promise<AnyKindSteps> {
  return LOADERS[kind]();
}

function erased<S extends ObjectSpec, R extends Removal, W, Q>(steps: KindSteps<S, R, W, Q>): AnyKindSteps {
  return steps as unknown as AnyKindSteps;
}
