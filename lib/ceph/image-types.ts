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
