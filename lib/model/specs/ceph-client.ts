import type { ClusterSpec } from '../connection';
import type { ObjectSpec, Removal } from './object';

/** Capabilities by daemon type, as `ceph auth get` prints them; grants are separated by ", ". */
export type CapsSpec = {
  readonly mon?: string;
  readonly osd?: string;
  readonly mgr?: string;
};
export interface CephClientSpec extends ObjectSpec {
  readonly cluster: ClusterSpec;
  /** The cephx ID, "libvirt". */
  readonly id: string;
  readonly caps: CapsSpec;
  readonly keyGeneration?: number;
  readonly adopt?: boolean;
}
export interface CephClientRemoval extends Removal {
  readonly cluster: ClusterSpec;
  readonly id: string;
  readonly removalPolicy: 'retain' | 'delete';
}
