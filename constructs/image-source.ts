import { Token } from 'cdktf';
import { type ImageSourceSpec, plainUrl } from '../lib/model';
import { escapeTree, quoteForExpression } from '../lib/terraform';
import type { Seed } from './seed';
import type { IRbdImage, IRbdSnapshot } from './interfaces';

/** Checksums that the file must have, in lower-case hexadecimal. */
export interface ChecksumOptions {
  /**
   * SHA-256, 64 digits. Checked before the image gets its name.
   * @default - not checked
   */
  readonly sha256?: string;
  /**
   * SHA-512, 128 digits. Checked before the image gets its name.
   * @default - not checked
   */
  readonly sha512?: string;
}

/** How a file is read. */
export interface FileSourceOptions extends ChecksumOptions {
  /**
   * 'raw', 'qcow2', 'vmdk', 'vhdx' or another that `qemu-img` reads. In RBD the image is raw.
   * @default - what `qemu-img info` finds
   */
  readonly format?: string;
}

/** How a file is fetched and read. */
export interface UrlSourceOptions extends FileSourceOptions {
  /**
   * Address of a SHA256SUMS or SHA512SUMS, in the GNU or the BSD form, that names the file by the last part of its address;
   * fetched before the file. A checksum that is given too counts as well.
   * @default - none
   */
  readonly checksumUrl?: string;
  /**
   * Headers of the request, for mirrors that want a token: `{ Authorization: \`Bearer ${token.stringValue}\` }`. Sent with
   * that for the file and, where it is on the same server, for its checksums; to no server that the first one redirects to.
   * Their values are in no plan, state, message or record: give what is secret by an ephemeral variable, as the
   * synthesized stack holds what is written in the code. A change does nothing, but to an image that is made later.
   * @default - none
   * @see https://developer.hashicorp.com/terraform/language/block/variable#ephemeral
   */
  readonly headers?: { readonly [name: string]: string };
}

/** How a parent becomes an image. */
export interface CloneSourceOptions {
  /**
   * Copy all data in, so that the image stands alone. Takes as long as the parent is large.
   * @default false
   */
  readonly flatten?: boolean;
}

/**
 * What an image is made from. Read once, when the image is made; a later change does nothing to an image that is there,
 * and says so at apply.
 *
 * @example
 * ImageSource.file('debian-12.qcow2', { sha256: '8f2e...' });
 */
export class ImageSource {
  /** Empty: reads as zeroes. Needs a size. */
  public static blank(): ImageSource {
    return new ImageSource({ blank: true });
  }

  /**
   * A file on the machine where Terraform runs; it is never copied into the stack. A relative path is looked up from
   * Terraform's working folder, then beside the nearest cdktf.json above it. Compressed ones (.xz, .gz, .zst, .bz2) are
   * unpacked; checksums are of the file as it is published.
   */
  public static file(path: string, options: FileSourceOptions = {}): ImageSource {
    return new ImageSource({ file: path, ...options });
  }

  /**
   * A file to download, by http or https, and then the same as `file`; a proxy is taken from the environment. User and
   * password in the address are sent as basic authentication. They and the query are in no plan, state, message or record:
   * give what is secret by a Terraform variable, as the synthesized stack holds what is written in the code. Without a
   * checksum of its own the image cannot be made again when it is lost.
   */
  public static url(url: string, options: UrlSourceOptions): ImageSource {
    const { headers, ...shown } = options;
    return new ImageSource({ url, ...shown }, undefined, undefined, undefined, headers);
  }

  /** A copy-on-write clone of an image, read from one snapshot of it that we make on first use. */
  public static clone(image: IRbdImage, options: CloneSourceOptions = {}): ImageSource {
    return new ImageSource({ clone: image.spec, ...options }, image);
  }

  /** A copy-on-write clone of a snapshot. */
  public static snapshot(snapshot: IRbdSnapshot, options: CloneSourceOptions = {}): ImageSource {
    const spec = `${snapshot.image.spec}@${snapshot.snapshotName}`;
    return new ImageSource({ snapshot: spec, ...options }, snapshot.image, snapshot);
  }

  /** @internal What a guest reads at its boot: unlike the others it is read again when it changes. */
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
    /** @internal Of the request for it. */
    public readonly _headers?: { readonly [name: string]: string },
  ) {}

  /** @internal As it was given: not to be shown, as an address may hold a password. */
  public _spec(): ImageSourceSpec {
    return this._seed ? { seed: this._seed.spec() } : this.spec;
  }

  /** @internal What a plan shows: addresses without what may be secret. */
  public _shown(): ImageSourceSpec {
    return { ...this._spec(), ...ofAddresses(this.spec, plainUrl) };
  }

  /** @internal The same as Terraform's expressions, where it alone knows what is in an address. */
  public _shownExpressions(): object | undefined {
    const shown = this._shown();
    if (![shown.url, shown.checksumUrl].some((one) => Token.isUnresolved(one))) return undefined;
    return { ...(escapeTree(shown) as object), ...ofAddresses(shown, plainExpression) };
  }

  /** @internal What the script alone is given, as expressions. */
  public _secrets(): { readonly [name: string]: string } {
    if (this._headers === undefined) return this._seed?.secrets() ?? {};
    const members = Object.entries(this._headers).map((one) => one.map(quoteForExpression).join(' = '));
    return members.length === 0 ? {} : { fetchHeaders: `{ ${members.join(', ')} }` };
  }

  /** @internal The addresses with all that is in them, where that is more than is shown. */
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

/** `plainUrl`, by Terraform. */
function plainExpression(address: string): string {
  const withoutQuery = `replace(${quoteForExpression(address)}, "/[?#].*$/", "")`;
  return `\${replace(${withoutQuery}, "/^(https?:[/][/])[^/]*@/", "$1")}`;
}
