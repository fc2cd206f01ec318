import type { ImageSourceSpec } from '../lib/model';
import type { IRbdImage } from './rbd-image';
import type { IRbdSnapshot } from './rbd-snapshot';

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
   * Terraform's working folder, then beside the nearest cdktf.json above it.
   */
  public static file(path: string, options: FileSourceOptions = {}): ImageSource {
    return new ImageSource({ file: path, ...options });
  }

  /** A file to download, by http or https. Without a checksum the image cannot be made again when it is lost. */
  public static url(url: string, options: FileSourceOptions): ImageSource {
    return new ImageSource({ url, ...options });
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

  private constructor(
    private readonly spec: ImageSourceSpec,
    /** @internal The image that it is cloned from. */
    public readonly _parent?: IRbdImage,
    /** @internal */
    public readonly _snapshot?: IRbdSnapshot,
  ) {}

  /** @internal */
  public _spec(): ImageSourceSpec {
    return this.spec;
  }
}
