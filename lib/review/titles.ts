import type { PlannedKind } from './objects';

/** What people call an object of each kind. */
export const TITLES: { readonly [K in PlannedKind]: string } = {
  'ceph-pool': 'pool',
  'ceph-client': 'client',
  'rbd-image': 'image',
  'rbd-snapshot': 'snapshot',
  'ceph-secret': 'secret',
  'client-config': 'client section',
  'storage-pool': 'storage pool',
  disk: 'disk',
  domain: 'VM',
  'domain-stop': 'stop',
};
