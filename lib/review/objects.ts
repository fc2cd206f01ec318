import type { Kind } from '../model';
import type { ResourceChange } from './plan';
import { valuesOf } from './values';

/** A VM's stop has a registry of its own. */
export type PlannedKind = Kind | 'domain-stop';

/** One object of ours, with every resource of the plan that represents a part of it. */
export interface PlannedObject {
  readonly kind: PlannedKind;
  /** 'kvm1', 'ceph'. */
  readonly scope: string;
  readonly key: string;
  readonly entry?: ResourceChange;
  spec?: ResourceChange;
  /** The entry that the object's spec had before, if it was another one: the object moves. */
  from?: PlannedObject;
  /** The object that the entry's spec describes from now on, if it is another one. */
  to?: PlannedObject;
  readonly helpers: ResourceChange[];
  readonly providers: ResourceChange[];
  /** The entries of a VM's data disks. */
  readonly disks: ResourceChange[];
}

/** The suffixes of the registries' addresses; if one ends with another, the longer comes first. */
const REGISTRIES: readonly (readonly [string, PlannedKind])[] = [
  ['_storage_pools', 'storage-pool'],
  ['_client_configs', 'client-config'],
  ['_domain_stops', 'domain-stop'],
  ['_pools', 'ceph-pool'],
  ['_clients', 'ceph-client'],
  ['_images', 'rbd-image'],
  ['_snapshots', 'rbd-snapshot'],
  ['_secrets', 'ceph-secret'],
  ['_disk_attachments', 'disk'],
  ['_domains', 'domain'],
];
/** The object whose registry entry this is. */
export function entryOf(one: ResourceChange): PlannedObject | undefined {
  if (one.type !== 'terraform_data' || typeof one.index !== 'string') return undefined;
  const found = REGISTRIES.find(([suffix]) => one.name.endsWith(suffix));
  if (found === undefined || !('owner' in valuesOf(inputOf(one)))) return undefined;
  const scope = one.name.slice(0, -found[0].length);
  return { kind: found[1], scope, key: one.index, entry: one, helpers: [], providers: [], disks: [] };
}

/** What the removal is given: as the last apply left it, if there was one. */
export function inputOf({ change }: ResourceChange): unknown {
  return valuesOf(change.before ?? change.after)['input'];
}
