/** A pool as its cluster knows it. */
export interface Pool {
  readonly id: number;
  readonly size: number;
  readonly minSize: number;
  /** The id of its CRUSH rule. */
  readonly crushRule: number;
  /** The target number of PGs. */
  readonly pgNum: number;
  readonly autoscaleMode: string;
  /** 'bulk', 'ec_overwrites' */
  readonly flags: readonly string[];
  readonly erasureCoded: boolean;
  readonly applications: readonly string[];
}

/** Everything that a pool contains. */
export interface PoolContents {
  readonly images: readonly string[];
  /** Under their former names. */
  readonly trash: readonly string[];
  readonly namespaces: readonly string[];
  /** The total number. */
  readonly objects: number;
  /** Objects other than RBD's own records and images; empty if there are `tooMany` to list. */
  readonly others: readonly string[];
  readonly tooMany: boolean;
}

/** Every request may throw a `CephError`. */
export interface CephPools {
  /** Undefined: there is none of that name. */
  pool(of: { readonly name: string }): Promise<Pool | undefined>;
  poolNames(): Promise<readonly string[]>;
  poolContents(of: { readonly name: string }): Promise<PoolContents>;
  /** The id of a CRUSH rule; undefined: there is none of that name. */
  crushRule(of: { readonly name: string }): Promise<number | undefined>;
  createPool(pool: {
    readonly name: string;
    readonly pgNum?: number;
    readonly autoscaleMode?: string;
    readonly size?: number;
    readonly crushRule?: string;
  }): Promise<void>;
  setPool(setting: { readonly name: string; readonly key: string; readonly value: string | number }): Promise<void>;
  /** Initializes it for RBD; does nothing if it already is. */
  initPool(of: { readonly name: string }): Promise<void>;
  deletePool(of: { readonly name: string }): Promise<void>;
}
