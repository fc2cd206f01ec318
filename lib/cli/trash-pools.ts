import {
  type CephPoolSpec,
  clusterIdentity,
  type ClusterSpec,
  type DomainSpec,
  parseImageSpec,
  type RbdImageSpec,
} from '../model';
import { ofKind, type Objects } from './stack-objects';

/** A pool whose trash is looked into. */
export interface TrashPool {
  readonly cluster: ClusterSpec;
  readonly pool: string;
}

/** A named pool may be in any cluster of the stack, even one that no longer has anything of the stack. */
export function trashPoolsOf(objects: Objects, pool: string | undefined): TrashPool[] {
  const pools = pool === undefined ? usedPools(objects) : clustersOf(objects).map((cluster) => ({ cluster, pool }));
  return [...new Map(pools.map((one) => [JSON.stringify([clusterIdentity(one.cluster), one.pool]), one])).values()];
}

function usedPools(objects: Objects): TrashPool[] {
  return [
    ...ofKind<CephPoolSpec>(objects, 'ceph-pool').map(({ spec }) => ({ cluster: spec.cluster, pool: spec.name })),
    ...ofKind<RbdImageSpec>(objects, 'rbd-image').map(({ spec }) => ({ cluster: spec.cluster, pool: spec.pool })),
    ...ofKind<DomainSpec>(objects, 'domain').flatMap(({ spec: { cluster, disks } }) =>
      Object.values(disks).map(({ image }) => ({ cluster, pool: parseImageSpec(image).pool })),
    ),
  ];
}

/** Of what is applied, and of what is in the configuration. */
function clustersOf({ applied, missing }: Objects): ClusterSpec[] {
  const all: readonly (object | undefined)[] = [
    ...applied.map(({ spec }) => spec),
    ...missing.map(({ context }) => context),
  ];
  return all.flatMap((one) => (one as { readonly cluster?: ClusterSpec } | undefined)?.cluster ?? []);
}
