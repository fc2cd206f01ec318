import type { ClusterSpec, HostSpec } from '../connection';
import type { ObjectSpec, Removal } from './object';

export interface CephSecretSpec extends ObjectSpec {
  readonly cluster: ClusterSpec;
  readonly host: HostSpec;
  readonly usage: string;
  readonly uuid: string;
  /** "client.libvirt" */
  readonly entity: string;
  readonly private: boolean;
  readonly keyGeneration?: number;
  readonly adopt?: boolean;
}
export interface CephSecretRemoval extends Removal {
  readonly host: HostSpec;
  readonly usage: string;
  readonly uuid: string;
  /** 'retain' if it was adopted. @default 'delete' */
  readonly removalPolicy?: 'retain' | 'delete';
}
