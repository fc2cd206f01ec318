/** An image by its names. */
export interface ImageName {
  readonly pool: string;
  readonly name: string;
}

/** Everything about one image, from one look that creates no watcher. */
export interface Image {
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  readonly objectSize: number;
  /** 'layering', 'exclusive-lock', ...; including what librbd adds itself ('operations', 'migrating'). */
  readonly features: readonly string[];
  /** Where its data is, if that is another pool. */
  readonly dataPool?: string;
  readonly parent?: Parent;
  readonly snapshots: readonly Snapshot[];
  /** All metadata. Clones and copies inherit it: a mark only counts if it names this image's id. */
  readonly metadata: { readonly [key: string]: string };
  readonly watchers: readonly Watcher[];
  /** Who holds a lock on it: librbd itself while it writes (its cookie begins with 'auto '), or somebody by hand. */
  readonly locks: readonly Locker[];
  readonly group?: ImageName;
  readonly mirroring?: { readonly state: 'enabled' | 'disabling' | 'creating'; readonly primary: boolean };
  readonly migration?: {
    /** 'preparing', 'prepared', 'executing', 'executed', 'aborting', 'error' */
    readonly state: string;
    readonly from: ImageName;
    readonly to: ImageName;
  };
}

export interface Parent {
  readonly pool: string;
  readonly image: string;
  readonly snapshot: string;
  readonly trash: boolean;
}

export interface Snapshot {
  readonly id: number;
  readonly name: string;
  /** The image's size at the time, in bytes. */
  readonly size: number;
  /** 'user': created under that name. 'trash': it only exists for its clones. */
  readonly namespace: 'user' | 'group' | 'trash' | 'mirror' | 'other';
  /** ISO 8601, UTC. */
  readonly time?: string;
}

/** One client that has an image open. */
export interface Watcher {
  /** "10.0.0.21:0/626011963" */
  readonly address: string;
  readonly client: number;
}

export interface Locker {
  /** "client.4151" */
  readonly client: string;
  readonly cookie: string;
  readonly address: string;
  readonly kind: 'exclusive' | 'shared';
  readonly tag: string;
}

/** Who uses an image of a pool, and what reading it requires. */
export interface ImageUse {
  readonly name: string;
  /** Its own and those of its snapshots. */
  readonly parents: readonly { readonly pool: string; readonly image: string }[];
  readonly dataPool?: string;
  readonly watchers: readonly Watcher[];
}

/** A clone; one in the trash still reads from its parent. */
export interface Child {
  readonly pool: string;
  readonly image: string;
  readonly id: string;
  readonly trash: boolean;
}

/** An image in the trash of a pool. */
export interface TrashEntry {
  readonly id: string;
  /** The name that it had. */
  readonly name: string;
  /** 'user'; others come from an unfinished removal, a mirror or a migration. */
  readonly source: string;
  /** ISO 8601, UTC. */
  readonly deleted: string;
  readonly expires: string;
}

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
   * Its size, and what it takes up with its snapshots, without what it shares with its parent; both in bytes. Undefined: no
   * image can be opened under that name. Fast with the feature `fast-diff`; otherwise Ceph looks at each object.
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
  /** Within its pool; a name that is taken is an error. Always runs to completion. */
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
