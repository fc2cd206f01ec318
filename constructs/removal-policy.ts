/** What becomes of an object whose construct has left the code, or at `destroy`. Read from the state of the last apply. */
export enum RemovalPolicy {
  /** It stays as it is and is no longer managed; the same project takes it back when the construct returns. */
  RETAIN = 'retain',
  /** Images only: into RBD's trash, from where `rbd trash restore` brings it back until it expires. */
  TRASH = 'trash',
  /** It is gone, with its data. */
  DELETE = 'delete',
}
