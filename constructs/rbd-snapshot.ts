import { Construct, type IConstruct } from 'constructs';
import { ValidationError } from '../lib/errors';
import { name, validate } from '../lib/validation';
import type { IRbdImage } from './rbd-image';
import type { RemovalPolicy } from './removal-policy';

/** A snapshot of an RBD image. */
export interface IRbdSnapshot extends IConstruct {
  readonly image: IRbdImage;
  readonly snapshotName: string;
}

/** Properties of an `RbdSnapshot`. */
export interface RbdSnapshotProps {
  readonly image: IRbdImage;
  /**
   * Letters, digits, '_', '.' and '-', up to 96.
   * @default - the construct's id
   */
  readonly snapshotName?: string;
  /**
   * RETAIN or DELETE.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Identifies a snapshot that is there. */
export interface RbdSnapshotAttributes {
  readonly image: IRbdImage;
  readonly snapshotName: string;
}
