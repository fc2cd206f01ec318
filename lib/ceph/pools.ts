/** A pool as its cluster knows it. */
export interface Pool {
  readonly id: number;
  readonly size: number;
  readonly minSize: number;
  /** The number of its rule. */
  readonly crushRule: number;
  /** What its number of PGs is on its way to. */
  readonly pgNum: number;
  readonly autoscaleMode: string;
  /** 'bulk', 'ec_overwrites' */
  readonly flags: readonly string[];
  readonly erasureCoded: boolean;
  readonly applications: readonly string[];
}

/** All that a pool holds. */
export interface PoolContents {
  readonly images: readonly string[];
  /** By the names that they had. */
  readonly trash: readonly string[];
  readonly namespaces: readonly string[];
  /** How many in all. */
  readonly objects: number;
  /** Those that are not RBD's own records, images included; none where there are `tooMany` to list. */
  readonly others: readonly string[];
  readonly tooMany: boolean;
}

/** Every request may throw a `CephError`. */
export interface CephPools {
  /** Undefined: there is none of that name. */
  pool(of: { readonly name: string }): Promise<Pool | undefined>;
  poolNames(): Promise<readonly string[]>;
  poolContents(of: { readonly name: string }): Promise<PoolContents>;
  /** The number of a CRUSH rule; undefined: there is none of that name. */
  crushRule(of: { readonly name: string }): Promise<number | undefined>;
  createPool(pool: {
    readonly name: string;
    readonly pgNum?: number;
    readonly autoscaleMode?: string;
    readonly size?: number;
    readonly crushRule?: string;
  }): Promise<void>;
  setPool(setting: { readonly name: string; readonly key: string; readonly value: string | number }): Promise<void>;
  /** For RBD; one that is, stays as it is. */
  initPool(of: { readonly name: string }): Promise<void>;
  deletePool(of: { readonly name: string }): Promise<void>;
}
