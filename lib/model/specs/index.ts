/**
 * What crosses from synth to apply, one pair of types a kind: `...Spec` is what `ensure` and `verify` are given,
 * `...Removal` what `remove` is given. An amount is text with its unit ("20 GiB", "30 days"), as a plan shows it.
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
