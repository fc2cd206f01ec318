import type { PlannedKind } from './objects';

/** What people call an object of each kind. */
export const TITLES: { readonly [K in PlannedKind]: string } = {
  'ceph-pool': 'pool',
  'ceph-client': 'cephx user',
  'rbd-image': 'image',
  'rbd-snapshot': 'snapshot',
  'ceph-secret': 'libvirt secret',
  'client-config': 'configuration of client',
  'storage-pool': 'libvirt storage pool',
  disk: 'disk',
  domain: 'VM',
  'domain-stop': 'stop',
};
