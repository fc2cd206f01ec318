import type { OwnerSpec } from '../connection';

export type RemovalPolicyName = 'retain' | 'trash' | 'delete';

/** In every spec of an object. */
export interface ObjectSpec {
  readonly v: 1;
  readonly owner: OwnerSpec;
  /** The id of the registry entry, which the mark names. */
  readonly entryId: string;
}

/** In every spec of a removal. */
export interface Removal {
  readonly v: 1;
  readonly owner: OwnerSpec;
  readonly entryId: string;
}
