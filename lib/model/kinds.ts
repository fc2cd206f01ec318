/** The kinds of object, in the order they are made; removal goes the other way. */
export const CLUSTER_KINDS = ['ceph-pool', 'ceph-client', 'rbd-image', 'rbd-snapshot'] as const;
export const HOST_KINDS = ['ceph-secret', 'client-config', 'storage-pool', 'disk', 'domain'] as const;

export const KINDS = [...CLUSTER_KINDS, ...HOST_KINDS] as const;

export type ClusterKind = (typeof CLUSTER_KINDS)[number];
export type HostKind = (typeof HOST_KINDS)[number];
export type Kind = ClusterKind | HostKind;

/**
 * `ensure` makes or fixes an object, `complete` does so if no `ensure` ended, `remove` applies the removal policy,
 * `verify` only looks. With PROVIDER, `start` runs after the provider has defined a VM and `stop` before it deletes
 * one.
 */
export const VERBS = ['ensure', 'complete', 'remove', 'verify', 'start', 'stop'] as const;

export type Verb = (typeof VERBS)[number];

/** The variable of the environment that carries one spec as JSON from Terraform to the script. */
export const SPEC_VARIABLE = 'CDKTF_LIBVIRT_CEPH_SPEC';
/** The variable that carries the id of the object's resource, new with each of its creations. */
export const RUN_VARIABLE = 'CDKTF_LIBVIRT_CEPH_RUN';
/** The version of the specs; every later release still reads the earlier ones. */
export const SPEC_VERSION = 1;
