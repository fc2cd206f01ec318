import type { ClusterSpec, HostSpec } from '../connection';
import type { ObjectSpec, Removal, RemovalPolicyName } from './object';

/** What a guest reads at its boot: of each file a hash, by which a plan shows what changes; never its text. */
export interface SeedSpec {
  readonly files: { readonly [name: string]: string };
  /** How many values the files hold that only an apply has, such as a password by a variable. */
  readonly variables?: number;
}
/** Flat, so that a plan reads well: `source = { clone = "images/debian-12" }`. Exactly one of the first six is set. */
export interface ImageSourceSpec {
  readonly blank?: true;
  readonly file?: string;
  /** Without user, password and query, as is what follows. */
  readonly url?: string;
  /** A SHA256SUMS or SHA512SUMS that names the file. */
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
/** A VM's disk that shows an image: what has to hear of a new size. */
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
  /** The addresses of the source with all that may be secret in them, where there is such: in no plan, state or record. */
  readonly fetch?: { readonly url?: string; readonly checksumUrl?: string };
  /** Headers of the request for the source, in an apply alone: no state and no plan has them. */
  readonly fetchHeaders?: { readonly [name: string]: string };
  /** "20 GiB"; the source's when absent. */
  readonly size?: string;
  readonly dataPool?: string;
  readonly objectSize?: string;
  readonly features?: readonly string[];
  readonly adopt?: boolean;
  readonly users?: readonly ImageUserSpec[];
  /** Of a seed: where its text is, a file of the synthesized stack. */
  readonly seedFile?: string;
  /** The values that its text holds, in an apply alone: no state and no plan has them. */
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
