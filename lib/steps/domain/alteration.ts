/** A VM whose disks are compared with what they were given. */
export interface ComparedVm {
  readonly host: { readonly uri: string };
  readonly name: string;
  readonly active: boolean;
}

/** How a disk differs from what it was defined as, and what repairs it. */
export interface Alteration {
  readonly target: string;
  /** What is said about the disk: "is being copied to ..." */
  readonly problem: string;
  readonly next: string;
}
