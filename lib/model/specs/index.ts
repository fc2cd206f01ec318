/**
 * What is passed from synth to apply, one pair of types per kind: `...Spec` is the input of `ensure` and `verify`,
 * `...Removal` that of `remove`. Amounts are text with their unit ("20 GiB", "30 days"), as plans show them.
 */
export type * from './ceph-client';
export type * from './ceph-pool';
export type * from './ceph-secret';
export type * from './client-config';
export type * from './disk';
export type * from './domain';
export type * from './object';
export type * from './rbd-image';
export type * from './rbd-snapshot';
export type * from './storage-pool';
