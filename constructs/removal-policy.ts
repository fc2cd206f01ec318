/**
 * What happens to an object when its construct leaves the code, or at `destroy`. Read from the state of the last apply.
 */
export enum RemovalPolicy {
  /** It stays as it is and is no longer managed; the same project takes it back when the construct returns. */
  RETAIN = 'retain',
  /** Images only: it is moved to RBD's trash, from which `rbd trash restore` brings it back until it expires. */
  TRASH = 'trash',
  /** It is deleted, with its data. */
  DELETE = 'delete',
}
