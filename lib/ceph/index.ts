import type { CephClients } from './client-requests';
import type { CephImages } from './image-requests';
import type { CephPools } from './pool-requests';

export type { Caps, CephClients, ClientSession as Session } from './client-requests';
export {
  CephConnectionError,
  CephError,
  EACCES,
  EBUSY,
  EEXIST,
  EINVAL,
  ENOENT,
  ENOTEMPTY,
  EPERM,
  ETIMEDOUT,
  isCephError,
  isPoolMissing,
  type CephFault,
} from './errors';
export type * from './image-types';
export type * from './image-requests';
export type { CephPools, Pool, PoolContents } from './pool-requests';

/** Our texts in `ceph config-key`; keys of others cannot be read. */
export interface CephConfigKeys {
  /** Undefined: there is no such key. */
  configKey(of: { readonly key: string }): Promise<string | undefined>;
  /** All whose keys have this prefix. */
  configKeys(of: { readonly prefix: string }): Promise<{ readonly [key: string]: string }>;
  setConfigKey(text: { readonly key: string; readonly value: string }): Promise<void>;
  /** Does nothing if there is no such key. */
  removeConfigKey(of: { readonly key: string }): Promise<void>;
}

/** What steps may request from a cluster. No request depends on an earlier one. */
export interface Ceph extends CephPools, CephClients, CephConfigKeys, CephImages {
  /** '10.0.0.11:6789', '[2001:db8::13]:3300': where its monitors answer. */
  monitors(): Promise<readonly string[]>;
}

/** The lock of an image: nobody else changes the image meanwhile. Not for steps, which have `withLock`. */
export interface CephLocks {
  /**
   * Held until it is released or the connection ends; otherwise says who holds it, in their own words if they left any.
   */
  takeLock(of: {
    readonly pool: string;
    readonly image: string;
    readonly holder: string;
  }): Promise<{ readonly lock: string } | { readonly holder?: string }>;
  releaseLock(held: { readonly lock: string }): Promise<void>;
  /** Whether the locks expire, instead of being released, if the connection ends now. */
  setLocksExpire(to: { readonly expire: boolean }): Promise<void>;
}
