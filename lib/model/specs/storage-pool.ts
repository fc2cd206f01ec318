import type { HostSpec } from '../connection';
import type { ObjectSpec, Removal } from './object';

/** Everything in libvirt's definition of an rbd pool. */
export interface StoragePoolDefinition {
  readonly name: string;
  readonly uuid: string;
  /** The Ceph pool. */
  readonly cephPool: string;
  readonly monitors: readonly string[];
  /** The cephx ID. */
  readonly clientId: string;
  readonly secretUsage: string;
  /** If known, because `virt-install` (4.1) finds the secret of a storage pool only by its UUID. */
  readonly secretUuid?: string;
}
export interface StoragePoolSpec extends ObjectSpec, StoragePoolDefinition {
  readonly host: HostSpec;
  readonly autostart: boolean;
  /** 'provider': the Terraform provider defines it; `ensure` only looks for what is in the way. */
  readonly driver: 'provider' | 'virsh';
}
export interface StoragePoolRemoval extends Removal, StoragePoolDefinition {
  readonly host: HostSpec;
}
