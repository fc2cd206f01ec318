import {
  type Caps,
  CephError,
  ENOENT,
  type Image,
  type ImageName,
  type Pool,
  type Session,
  type Snapshot,
  type TrashEntry,
  type Watcher,
} from '../../../lib/ceph';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
export type FakeImage = Writable<Omit<Image, 'parent' | 'snapshots' | 'metadata' | 'watchers'>> & {
  name: string;
  parent?: { image: FakeImage; pool: string; snapshot: string };
  snapshots: Snapshot[];
  metadata: { [key: string]: string };
  watchers: Watcher[];
  /** The number of bytes written. */
  used: number;
};

interface FakePool {
  readonly pool: Writable<Pool> & { flags: string[]; applications: string[] };
  readonly images: Map<string, FakeImage>;
  readonly trash: Map<string, TrashEntry & { image: FakeImage }>;
  /** The names of images whose removal was interrupted. */
  readonly cutOff: Set<string>;
}

const FEATURES = ['layering', 'exclusive-lock', 'object-map', 'fast-diff', 'deep-flatten'];

/** What a cluster contains. A test sets it as the outside world would. */
export class Contents {
  public readonly pools = new Map<string, FakePool>();
  public readonly clients = new Map<string, { caps: Caps; key: string }>();
  public readonly keys = new Map<string, string>();
  public readonly sessions = new Map<string, Session[]>();
  public monitors: readonly string[] = ['127.0.0.1:3300', '127.0.0.1:6789'];
  public mayDeletePools = true;
  /** Why an image cannot be opened, by 'pool/image'. */
  public readonly broken = new Map<string, string>();
  private readonly locks = new Map<string, { id: string; holder: string }>();
  private next = 1;

  /** Makes a pool as `initPool` would leave it. */
  public addPool(name: string, more: Partial<Pool> = {}): void {
    const pool = { ...BLANK_POOL, id: this.next++, applications: ['rbd'], ...more } as FakePool['pool'];
    this.pools.set(name, { pool, images: new Map(), trash: new Map(), cutOff: new Set() });
  }

  /** Makes an image; unspecified fields are as `rbd create` would set them. */
  public addImage({ pool, name }: ImageName, more: Partial<FakeImage> = {}): FakeImage {
    const image: FakeImage = {
      name,
      id: (this.next++).toString(16).padStart(12, 'a'),
      size: 2 ** 30,
      objectSize: 2 ** 22,
      features: FEATURES,
      snapshots: [],
      metadata: {},
      watchers: [],
      locks: [],
      used: 0,
      ...more,
    };
    this.poolOf(pool).images.set(name, image);
    return image;
  }

  public imageOf({ pool, name }: ImageName): FakeImage {
    const image = this.poolOf(pool).images.get(name);
    if (image === undefined) throw fault(ENOENT, `error opening image ${name}`);
    return image;
  }

  public poolOf(name: string): FakePool {
    const pool = this.pools.get(name);
    if (pool === undefined) throw fault(ENOENT, `pool '${name}' does not exist`, 'pool');
    return pool;
  }

  public number(): number {
    return this.next++;
  }

  public lock(key: string, holder: string): { lock: string } | { holder: string } {
    const held = this.locks.get(key);
    if (held !== undefined) return { holder: held.holder };
    const id = String(this.next++);
    this.locks.set(key, { id, holder });
    return { lock: id };
  }

  public unlock(lock: string): void {
    for (const [key, { id }] of this.locks) if (id === lock) this.locks.delete(key);
  }
}

const BLANK_POOL: Pool = {
  id: 0,
  size: 3,
  minSize: 2,
  crushRule: 0,
  pgNum: 32,
  autoscaleMode: 'on',
  flags: [],
  erasureCoded: false,
  applications: [],
};

export function fault(errno: number, message: string, missing?: 'pool'): CephError {
  return new CephError({ operation: 'a request', errno, message, missing });
}
