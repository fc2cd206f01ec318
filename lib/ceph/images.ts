/** An image by its names. */
export interface ImageName {
  readonly pool: string;
  readonly name: string;
}

/** All about one image, from one look that makes nobody its watcher. */
export interface Image {
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  readonly objectSize: number;
  /** 'layering', 'exclusive-lock', ...; what librbd adds of itself ('operations', 'migrating') too. */
  readonly features: readonly string[];
  /** Where its data is, if that is another pool. */
  readonly dataPool?: string;
  readonly parent?: Parent;
  readonly snapshots: readonly Snapshot[];
  /** Every text beside it. Clones and copies inherit them: a mark counts only when it names this image's id. */
  readonly metadata: { readonly [key: string]: string };
  readonly watchers: readonly Watcher[];
  /** Who holds a lock on it: librbd itself as long as it writes (its cookie begins with 'auto '), or somebody by hand. */
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
  /** Bytes that the image had. */
  readonly size: number;
  /** 'user': made by that name. 'trash': it only lives on for its clones. */
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

/** Who uses an image of a pool, and what is needed to read it. */
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

/** What waits in the trash of a pool. */
export interface TrashEntry {
  readonly id: string;
  /** That it had. */
  readonly name: string;
  /** 'user'; others are on their way out of a removal, a mirror, a migration. */
  readonly source: string;
  /** ISO 8601, UTC. */
  readonly deleted: string;
  readonly expires: string;
}

/** How an image is made where the cluster's own defaults are not wanted. */
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

/** Every request may throw a `CephError`; one of a pool that is not there is known by `isPoolMissing`. */
export interface CephImages {
  /** Undefined: there is none that can be opened by that name. */
  image(of: ImageName): Promise<Image | undefined>;
  /** Nobody where there is no such image. */
  watchers(of: ImageName): Promise<readonly Watcher[]>;
  imageNames(of: { readonly pool: string }): Promise<readonly string[]>;
  /** One that vanishes meanwhile is left out; one that cannot be opened has an error. */
  imagesInUse(of: { readonly pool: string }): Promise<readonly (ImageUse | { readonly name: string; error: string })[]>;
  /** The clones of an image, or of one of its snapshots. */
  children(of: ImageName & { readonly snapshot?: string }): Promise<readonly Child[]>;
  /** Its name is left in the pool's list and itself is gone: a removal or a move to the trash was cut off. */
  isCutOff(of: ImageName): Promise<boolean>;
  createImage(image: ImageName & CreationOptions & { readonly size: number }): Promise<void>;
  /** Of format 2: the snapshot needs no protection. */
  cloneImage(
    image: ImageName & CreationOptions & { readonly parent: ImageName & { readonly snapshot: string } },
  ): Promise<void>;
  /** To that size where it is smaller; never smaller than it is. */
  growImage(image: ImageName & { readonly size: number }): Promise<void>;
  /** Within its pool; a name that is taken is an error. Is let come to its end. */
  renameImage(image: ImageName & { readonly to: string }): Promise<void>;
  /** Also what is in use, without a word: the watchers are the caller's to look at. Is let come to its end. */
  trashImage(image: ImageName & { readonly delaySeconds: number }): Promise<void>;
  /** Refuses what has snapshots or is in use (`EBUSY`, `ENOTEMPTY`). */
  removeImage(image: ImageName, options?: LongRequest): Promise<void>;
  flattenImage(image: ImageName, options?: LongRequest): Promise<void>;
  setMetadata(text: ImageName & { readonly key: string; readonly value: string }): Promise<void>;
  removeMetadata(text: ImageName & { readonly key: string }): Promise<void>;
  createSnapshot(of: ImageName & { readonly snapshot: string }): Promise<void>;
  /** With clones it is only hidden: they are the caller's to look at. */
  removeSnapshot(of: ImageName & { readonly snapshot: string }): Promise<void>;
  trash(of: { readonly pool: string }): Promise<readonly TrashEntry[]>;
  /**
   * Takes an image out of the trash for good, with a snapshot of that name, also before its expiry. Refuses what has clones
   * (`EBUSY`) or other snapshots (`ENOTEMPTY`), and what is not in the trash (`ENOENT`).
   */
  purgeTrash(entry: { readonly pool: string; readonly id: string; readonly snapshot?: string }): Promise<void>;
  /** Is let come to its end. */
  restoreFromTrash(entry: { readonly pool: string; readonly id: string; readonly name: string }): Promise<void>;
}
