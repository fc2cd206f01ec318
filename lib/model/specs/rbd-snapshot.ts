import type { ClusterSpec } from '../connection';
import type { ObjectSpec, Removal } from './object';

export interface RbdSnapshotSpec extends ObjectSpec {
  readonly cluster: ClusterSpec;
  readonly pool: string;
  readonly image: string;
  readonly name: string;
}
export interface RbdSnapshotRemoval extends Removal {
  readonly cluster: ClusterSpec;
  readonly pool: string;
  readonly image: string;
  readonly name: string;
  readonly removalPolicy: 'retain' | 'delete';
}
