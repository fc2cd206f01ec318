import type { ClusterSpec, HostSpec } from '../connection';
import type { ObjectSpec, Removal, RemovalPolicyName } from './object';

/** What a guest reads at boot: a hash of each file, so that a plan shows what changes; never its text. */
export interface SeedSpec {
  readonly files: { readonly [name: string]: string };
  /** How many values in the files are only known at apply, such as a password in a variable. */
  readonly variables?: number;
}
/**
 * Flat, so that a plan reads well: `source = { clone = "images/debian-12" }`. Exactly one of `blank`,
 * `file`, `url`, `clone`, `snapshot` and `seed` is set.
 */
export interface ImageSourceSpec {
  readonly blank?: true;
  readonly file?: string;
  /** Without user, password and query, like the next one. */
  readonly url?: string;
  /** A SHA256SUMS or SHA512SUMS that lists the file. */
  readonly checksumUrl?: string;
  /** "pool/image" */
  readonly clone?: string;
  /** "pool/image@snapshot" */
  readonly snapshot?: string;
  readonly seed?: SeedSpec;
  readonly format?: string;
  readonly sha256?: string;
  readonly sha512?: string;
  readonly flatten?: boolean;
}
/** A VM's disk on an image, whose VM must learn a new size. */
export interface ImageUserSpec {
  readonly host: HostSpec;
  readonly domain: string;
  readonly target: string;
}
export interface RbdImageSpec extends ObjectSpec {
  readonly cluster: ClusterSpec;
  readonly pool: string;
  readonly name: string;
  readonly source: ImageSourceSpec;
  /** The complete URLs of the source, if they contain anything that may be secret: in no plan, state or record. */
  readonly fetch?: { readonly url?: string; readonly checksumUrl?: string };
  /** Headers of the request for the source, only during an apply: in no state and no plan. */
  readonly fetchHeaders?: { readonly [name: string]: string };
  /** "20 GiB"; the source's when absent. */
  readonly size?: string;
  readonly dataPool?: string;
  readonly objectSize?: string;
  readonly features?: readonly string[];
  readonly adopt?: boolean;
  readonly users?: readonly ImageUserSpec[];
  /** For a seed: the file of the synthesized stack with its text. */
  readonly seedFile?: string;
  /** The values in its text, only during an apply: in no state and no plan. */
  readonly seedValues?: readonly unknown[];
}
export interface RbdImageRemoval extends Removal {
  readonly cluster: ClusterSpec;
  readonly pool: string;
  readonly name: string;
  readonly removalPolicy: RemovalPolicyName;
  /** "30 days" */
  readonly trashExpiry?: string;
}
