import type { ClusterSpec } from '../connection';
import type { ObjectSpec, Removal } from './object';

export interface CephPoolSpec extends ObjectSpec {
  readonly cluster: ClusterSpec;
  readonly name: string;
  readonly pgNum?: number;
  readonly autoscaleMode?: 'on' | 'warn' | 'off';
  readonly bulk?: boolean;
  readonly size?: number;
  readonly minSize?: number;
  readonly crushRule?: string;
  readonly adopt?: boolean;
}
export interface CephPoolRemoval extends Removal {
  readonly cluster: ClusterSpec;
  readonly name: string;
  readonly removalPolicy: 'retain' | 'delete';
}
