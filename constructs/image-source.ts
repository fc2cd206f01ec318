import { Token } from 'cdktf';
import { type ImageSourceSpec, plainUrl } from '../lib/model';
import { escapeTree, quoteForExpression } from '../lib/terraform';
import type { Seed } from './seed';
import type { IRbdImage, IRbdSnapshot } from './interfaces';

/** Expected checksums of the file, in lower-case hexadecimal. */
export interface ChecksumOptions {
  /**
   * SHA-256, 64 digits. Verified before the image gets its name.
   * @default - not verified
   */
  readonly sha256?: string;
  /**
   * SHA-512, 128 digits. Verified before the image gets its name.
   * @default - not verified
   */
  readonly sha512?: string;
}

/** Options for reading a file. */
export interface FileSourceOptions extends ChecksumOptions {
  /**
   * 'raw', 'qcow2', 'vmdk', 'vhdx' or another format that `qemu-img` reads. In RBD the image is raw.
   * @default - what `qemu-img info` detects
   */
  readonly format?: string;
}

/** Options for downloading and reading a file. */
export interface UrlSourceOptions extends FileSourceOptions {
  /**
   * URL of a SHA256SUMS or SHA512SUMS, in GNU or BSD format, that lists the file under the last part of its URL;
   * downloaded before the file. A checksum given in addition must match too.
   * @default - none
   */
  readonly checksumUrl?: string;
  /**
   * Headers of the request, for mirrors that require a token: `{ Authorization: \`Bearer ${token.stringValue}\` }`.
   * Sent with the request for the file and, if they are on the same server, for its checksums, but to no server that
   * the first one redirects to. Their values are in no plan, state, message or record. Pass secrets as ephemeral
   * variables, because the synthesized stack contains what is written in the code. A change only affects images that
   * are created later.
   * @default - none
   * @see https://developer.hashicorp.com/terraform/language/block/variable#ephemeral
   */
  readonly headers?: { readonly [name: string]: string };
}

/** Options for cloning a parent. */
export interface CloneSourceOptions {
  /**
   * Copy all data, so that the image is independent of its parent. The time depends on the parent's size.
   * @default false
   */
  readonly flatten?: boolean;
}

/**
 * What an image is created from. Read once, when the image is created; a later change does nothing to an existing
 * image, and the apply says so.
 *
 * @example
 * ImageSource.file('debian-12.qcow2', { sha256: '8f2e...' });
 */
export class ImageSource {
  /** An empty image, which reads as zeroes. Needs a size. */
  public static blank(): ImageSource {
    return new ImageSource({ blank: true });
  }

  /**
   * A file on the machine where Terraform runs; it is never copied into the stack. A relative path is looked up in
   * Terraform's working folder, then beside the nearest cdktf.json above it. Compressed files (.xz, .gz, .zst, .bz2)
   * are unpacked; checksums are those of the file as published.
   */
  public static file(path: string, options: FileSourceOptions = {}): ImageSource {
    return new ImageSource({ file: path, ...options });
  }

  /**
   * A file to download over http or https, then treated like `file`; a proxy is taken from the environment. User and
   * password in the URL are sent as basic authentication. They and the query are in no plan, state, message or record.
   * Pass secrets as Terraform variables, because the synthesized stack contains what is written in the code. Without
   * `sha256` or `sha512` the image cannot be created again when it is lost.
   */
  public static url(url: string, options: UrlSourceOptions): ImageSource {
    const { headers, ...shown } = options;
    return new ImageSource({ url, ...shown }, undefined, undefined, undefined, headers);
  }

  /** A copy-on-write clone of an image, made from a snapshot of it that we create on first use. */
  public static clone(image: IRbdImage, options: CloneSourceOptions = {}): ImageSource {
    return new ImageSource({ clone: image.spec, ...options }, image);
  }

  /** A copy-on-write clone of a snapshot. */
  public static snapshot(snapshot: IRbdSnapshot, options: CloneSourceOptions = {}): ImageSource {
    const spec = `${snapshot.image.spec}@${snapshot.snapshotName}`;
    return new ImageSource({ snapshot: spec, ...options }, snapshot.image, snapshot);
  }

  /** @internal What a guest reads at boot: unlike the others it is read again when it changes. */
  public static _ofSeed(seed: Seed): ImageSource {
    return new ImageSource({}, undefined, undefined, seed);
  }

  private constructor(
    private readonly spec: ImageSourceSpec,
    /** @internal The image that it is cloned from. */
    public readonly _parent?: IRbdImage,
    /** @internal */
    public readonly _snapshot?: IRbdSnapshot,
    /** @internal */
    public readonly _seed?: Seed,
    /** @internal Headers of the request for it. */
    public readonly _headers?: { readonly [name: string]: string },
  ) {}

  /** @internal As given: never show it, because a URL may contain a password. */
  public _spec(): ImageSourceSpec {
    return this._seed ? { seed: this._seed.spec() } : this.spec;
  }

  /** @internal What a plan shows: URLs without the parts that may be secret. */
  public _shown(): ImageSourceSpec {
    return { ...this._spec(), ...ofAddresses(this.spec, plainUrl) };
  }

  /** @internal The same as Terraform expressions, when only Terraform knows what is in a URL. */
  public _shownExpressions(): object | undefined {
    const shown = this._shown();
    if (![shown.url, shown.checksumUrl].some((one) => Token.isUnresolved(one))) return undefined;
    return { ...(escapeTree(shown) as object), ...ofAddresses(shown, plainExpression) };
  }

  /** @internal What only the script gets, as expressions. */
  public _secrets(): { readonly [name: string]: string } {
    if (this._headers === undefined) return this._seed?.secrets() ?? {};
    const members = Object.entries(this._headers).map((one) => one.map(quoteForExpression).join(' = '));
    return members.length === 0 ? {} : { fetchHeaders: `{ ${members.join(', ')} }` };
  }

  /** @internal The complete URLs, if they contain more than is shown. */
  public _fetch(): ImageAddresses | undefined {
    const whole = ofAddresses(this.spec, (address) =>
      plainUrl(address) !== address || Token.isUnresolved(address) ? address : undefined,
    );
    return Object.keys(whole).length === 0 ? undefined : whole;
  }
}

interface ImageAddresses {
  readonly url?: string;
  readonly checksumUrl?: string;
}

function ofAddresses(
  { url, checksumUrl }: ImageAddresses,
  map: (address: string) => string | undefined,
): ImageAddresses {
  const mapped = Object.entries({ url, checksumUrl }).map(([prop, address]) => [prop, address && map(address)]);
  return Object.fromEntries(mapped.filter(([, address]) => address !== undefined)) as ImageAddresses;
}

/** `plainUrl` as a Terraform expression. */
function plainExpression(address: string): string {
  const withoutQuery = `replace(${quoteForExpression(address)}, "/[?#].*$/", "")`;
  return `\${replace(${withoutQuery}, "/^(https?:[/][/])[^/]*@/", "$1")}`;
}
