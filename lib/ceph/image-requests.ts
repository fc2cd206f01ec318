import type { Child, Image, ImageName, ImageUse, TrashEntry, Watcher } from './image-types';

/** How to create an image with other values than the cluster's defaults. */
export interface CreationOptions {
  /** Bytes, a power of two. */
  readonly objectSize?: number;
  readonly dataPool?: string;
  readonly features?: readonly string[];
}

export interface LongRequest {
  /** From 0 to 100. */
  readonly onProgress?: (percent: number) => void;
}

/** Every request may throw a `CephError`; `isPoolMissing` recognizes a missing pool. */
export interface CephImages {
  /** Undefined: no image can be opened under that name. */
  image(of: ImageName): Promise<Image | undefined>;
  /** Empty if there is no such image. */
  watchers(of: ImageName): Promise<readonly Watcher[]>;
  imageNames(of: { readonly pool: string }): Promise<readonly string[]>;
  /** An image that disappears meanwhile is skipped; one that cannot be opened has an error. */
  imagesInUse(of: { readonly pool: string }): Promise<readonly (ImageUse | { readonly name: string; error: string })[]>;
  /**
   * Its size, and what it takes up with its snapshots, without what it shares with its parent; both in bytes.
   * Undefined: no image can be opened under that name. Fast with the feature `fast-diff`; otherwise Ceph looks at each
   * object.
   */
  imageSpace(of: ImageName): Promise<{ readonly size: number; readonly used: number } | undefined>;
  /** The clones of an image, or of one of its snapshots. */
  children(of: ImageName & { readonly snapshot?: string }): Promise<readonly Child[]>;
  /** Its name is still in the pool's list, but the image is gone: a removal or a move to the trash was cut short. */
  isRemovalInterrupted(of: ImageName): Promise<boolean>;
  createImage(image: ImageName & CreationOptions & { readonly size: number }): Promise<void>;
  /** Clone format 2: the snapshot needs no protection. */
  cloneImage(
    image: ImageName & CreationOptions & { readonly parent: ImageName & { readonly snapshot: string } },
  ): Promise<void>;
  /** Grows it to that size; never shrinks it. */
  growImage(image: ImageName & { readonly size: number }): Promise<void>;
  /**
   * Within its pool; a name that is taken is an error. Always runs to completion, and completes an earlier one that was
   * interrupted.
   */
  renameImage(image: ImageName & { readonly to: string }): Promise<void>;
  /** Moves even an image in use, without a warning: the caller must check the watchers. Always runs to completion. */
  trashImage(image: ImageName & { readonly delaySeconds: number }): Promise<void>;
  /** Refuses an image that has snapshots or is in use (`EBUSY`, `ENOTEMPTY`). */
  removeImage(image: ImageName, options?: LongRequest): Promise<void>;
  flattenImage(image: ImageName, options?: LongRequest): Promise<void>;
  setMetadata(text: ImageName & { readonly key: string; readonly value: string }): Promise<void>;
  removeMetadata(text: ImageName & { readonly key: string }): Promise<void>;
  createSnapshot(of: ImageName & { readonly snapshot: string }): Promise<void>;
  /** A snapshot with clones is only hidden: the caller must check for them. */
  removeSnapshot(of: ImageName & { readonly snapshot: string }): Promise<void>;
  trash(of: { readonly pool: string }): Promise<readonly TrashEntry[]>;
  /**
   * Deletes an image in the trash permanently, with a snapshot of that name, even before its expiry. Refuses an image
   * with clones (`EBUSY`) or other snapshots (`ENOTEMPTY`), and one that is not in the trash (`ENOENT`).
   */
  purgeTrash(entry: { readonly pool: string; readonly id: string; readonly snapshot?: string }): Promise<void>;
  /** Always runs to completion. */
  restoreFromTrash(entry: { readonly pool: string; readonly id: string; readonly name: string }): Promise<void>;
}
