import { createHash, randomBytes } from 'node:crypto';
import {
  type Caps,
  type Ceph,
  CephError,
  type CephLocks,
  type Child,
  EBUSY,
  EEXIST,
  EINVAL,
  ENOENT,
  ENOTEMPTY,
  EPERM,
  type Image,
  type ImageName,
  type LongRequest,
  type Parent,
  type Pool,
  type Session,
  type Snapshot,
  type TrashEntry,
  type Watcher,
} from '../../lib/ceph';
import { commandOf, type Method } from '../../lib/ceph/commands';
import { parametersOf } from '../../lib/ceph/parameters';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type FakeImage = Writable<Omit<Image, 'parent' | 'snapshots' | 'metadata' | 'watchers'>> & {
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

/** The name of a client's method, before the request is carried out. */
export interface Asked {
  readonly method: Method;
  readonly params: { readonly [name: string]: unknown };
}

const FEATURES = ['layering', 'exclusive-lock', 'object-map', 'fast-diff', 'deep-flatten'];

/**
 * A cluster in memory, for decisions that do not need the lab; the contract suite ensures that it behaves like a real
 * one. The test sets what only the outside world does (who has an image open, a session, an interrupted removal).
 */
export class FakeCeph {
  public readonly pools = new Map<string, FakePool>();
  public readonly clients = new Map<string, { caps: Caps; key: string }>();
  public readonly keys = new Map<string, string>();
  public readonly sessions = new Map<string, Session[]>();
  public monitors: readonly string[] = ['127.0.0.1:3300', '127.0.0.1:6789'];
  public mayDeletePools = true;
  /** Why an image cannot be opened, by 'pool/image'. */
  public readonly broken = new Map<string, string>();
  /** Every request, in order. */
  public readonly asked: Asked[] = [];
  /** Called before a request is carried out: to change the world in the meantime, or to fail. */
  public before: (asked: Asked) => void | Promise<void> = () => undefined;
  private readonly locks = new Map<string, { id: string; holder: string }>();
  private next = 1;

  /** The tools of one run. */
  public client(): Ceph & CephLocks {
    return new Proxy({} as Ceph & CephLocks, {
      get: (_, name) => {
        if (typeof name !== 'string' || name === 'then') return undefined;
        const method = name as Method;
        return async (given: { [name: string]: unknown } = {}, options: LongRequest = {}) => {
          const params = parametersOf(method, given);
          this.asked.push({ method, params });
          await this.before({ method, params });
          const work = new Requests(this)[method] as (params: unknown, options: LongRequest) => unknown;
          const result = await work(params, options);
          // As if it came from another process.
          return result === undefined ? undefined : (JSON.parse(JSON.stringify(result)) as unknown);
        };
      },
    });
  }

  /** The requests without the looks: "setMetadata vms/web1". */
  public get changes(): string[] {
    return this.asked.filter(({ method }) => !LOOKS.includes(method)).map((one) => commandOf(one.method, one.params));
  }

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

const LOOKS: readonly Method[] = [
  ...(['monitors', 'pool', 'poolNames', 'poolContents', 'crushRule', 'clientCaps', 'keyDigest', 'sessions'] as const),
  ...(['ticketSeconds', 'configKey', 'configKeys', 'image', 'watchers', 'imageNames', 'imagesInUse'] as const),
  ...(['imageSpace', 'children', 'isRemovalInterrupted', 'trash', 'takeLock', 'giveLock'] as const),
];

function fault(errno: number, message: string, missing?: 'pool'): CephError {
  return new CephError({ operation: 'a request', errno, message, missing });
}

type Answers = { readonly [M in keyof Ceph | keyof CephLocks]: (params: never, options: LongRequest) => unknown };
type P<M extends keyof Ceph> = Parameters<Ceph[M]>[0];

/** Each request, as the cluster carries it out. */
class Requests implements Answers {
  constructor(private readonly of: FakeCeph) {}

  public readonly monitors = () => this.of.monitors;

  public readonly pool = ({ name }: P<'pool'>) => this.of.pools.get(name)?.pool;
  public readonly poolNames = () => [...this.of.pools.keys()];
  public readonly poolContents = ({ name }: P<'poolContents'>) => {
    const { images, trash } = this.of.poolOf(name);
    const others = [...images.keys()].map((image) => `rbd_id.${image}`);
    const trashed = [...trash.values()].map((entry) => entry.name);
    return {
      images: [...images.keys()],
      trash: trashed,
      namespaces: [],
      objects: others.length,
      others,
      tooMany: false,
    };
  };
  public readonly crushRule = ({ name }: P<'crushRule'>) => (name === 'replicated_rule' ? 0 : undefined);
  public readonly createPool = ({ name, ...more }: P<'createPool'>) => {
    if (this.of.pools.has(name)) return;
    this.of.addPool(name, {
      applications: [],
      ...(more.pgNum === undefined ? {} : { pgNum: more.pgNum }),
      ...(more.size === undefined ? {} : { size: more.size }),
      ...(more.autoscaleMode === undefined ? {} : { autoscaleMode: more.autoscaleMode }),
    });
  };
  public readonly setPool = ({ name, key, value }: P<'setPool'>) => {
    const { pool } = this.of.poolOf(name);
    if (key === 'bulk')
      pool.flags = value === 'true' ? [...pool.flags, 'bulk'] : pool.flags.filter((one) => one !== key);
    else if (key === 'size') pool.size = Number(value);
    else if (key === 'min_size') pool.minSize = Number(value);
    else if (key === 'pg_num') pool.pgNum = Number(value);
    else if (key === 'pg_autoscale_mode') pool.autoscaleMode = String(value);
    else if (key === 'crush_rule') pool.crushRule = this.crushRule({ name: String(value) }) ?? pool.crushRule;
    else throw fault(EINVAL, `unrecognized variable '${key}'`);
  };
  public readonly initPool = ({ name }: P<'initPool'>) => {
    const { pool } = this.of.poolOf(name);
    if (!pool.applications.includes('rbd')) pool.applications = [...pool.applications, 'rbd'];
  };
  public readonly deletePool = ({ name }: P<'deletePool'>) => {
    if (!this.of.mayDeletePools) {
      throw fault(
        EPERM,
        'pool deletion is disabled; you must first set the mon_allow_pool_delete config option to true',
      );
    }
    this.of.pools.delete(name);
  };

  public readonly clientCaps = ({ entity }: P<'clientCaps'>) => this.of.clients.get(entity)?.caps;
  public readonly keyDigest = ({ entity }: P<'keyDigest'>) => {
    const key = this.of.clients.get(entity)?.key;
    return key === undefined ? undefined : createHash('sha256').update(key).digest('hex');
  };
  public readonly addClient = ({ entity, caps }: P<'addClient'>) => {
    if (this.of.clients.has(entity)) throw fault(EINVAL, `entity ${entity} exists but caps do not match`);
    this.of.clients.set(entity, { caps, key: randomBytes(16).toString('base64') });
  };
  public readonly setClientCaps = ({ entity, caps }: P<'setClientCaps'>) => {
    const client = this.of.clients.get(entity);
    if (client === undefined) throw fault(ENOENT, `couldn't find entry ${entity}`);
    client.caps = caps;
  };
  public readonly removeClient = ({ entity }: P<'removeClient'>) => void this.of.clients.delete(entity);
  public readonly sessions = ({ entity }: P<'sessions'>) => this.of.sessions.get(entity) ?? [];
  public readonly ticketSeconds = () => 259_200;

  public readonly configKey = ({ key }: P<'configKey'>) => this.of.keys.get(ours(key));
  public readonly configKeys = ({ prefix }: P<'configKeys'>) =>
    Object.fromEntries([...this.of.keys].filter(([key]) => key.startsWith(ours(prefix))));
  public readonly setConfigKey = ({ key, value }: P<'setConfigKey'>) => void this.of.keys.set(ours(key), value);
  public readonly removeConfigKey = ({ key }: P<'removeConfigKey'>) => void this.of.keys.delete(ours(key));

  public readonly image = ({ pool, name }: P<'image'>): Image | undefined => {
    const image = this.of.poolOf(pool).images.get(name);
    if (image === undefined) return undefined;
    const { name: _, used: __, parent, ...rest } = image;
    return { ...rest, ...(parent === undefined ? {} : { parent: this.parentOf(parent) }) };
  };
  public readonly watchers = (of: P<'watchers'>) => this.of.poolOf(of.pool).images.get(of.name)?.watchers ?? [];
  public readonly imageNames = ({ pool }: P<'imageNames'>) => {
    const { images, cutOff } = this.of.poolOf(pool);
    const listed = [...images].filter(([key, { name }]) => key === name).map(([key]) => key);
    return [...listed, ...cutOff];
  };
  public readonly imagesInUse = ({ pool }: P<'imagesInUse'>) =>
    [...this.of.poolOf(pool).images.values()].map(({ name, parent, dataPool, watchers }) => {
      const error = this.of.broken.get(`${pool}/${name}`);
      if (error !== undefined) return { name, error };
      const parents = parent === undefined ? [] : [{ pool: parent.pool, image: this.parentOf(parent).image }];
      return { name, parents, dataPool, watchers };
    });
  public readonly imageSpace = ({ pool, name }: P<'imageSpace'>) => {
    const image = this.of.poolOf(pool).images.get(name);
    return image && { size: image.size, used: image.used };
  };
  public readonly children = ({ pool, name, snapshot }: P<'children'>): Child[] => {
    const of = this.of.imageOf({ pool, name });
    const isChild = ({ parent }: FakeImage): boolean =>
      parent?.image === of && (snapshot === undefined || parent.snapshot === snapshot);
    return [...this.of.pools].flatMap(([where, { images, trash }]) => [
      ...[...images.values()]
        .filter(isChild)
        .map((one) => ({ pool: where, image: one.name, id: one.id, trash: false })),
      ...[...trash.values()]
        .filter((one) => isChild(one.image))
        .map((one) => ({ pool: where, image: one.name, id: one.id, trash: true })),
    ]);
  };
  public readonly isRemovalInterrupted = ({ pool, name }: P<'isRemovalInterrupted'>) =>
    this.of.poolOf(pool).cutOff.has(name);
  public readonly createImage = ({ pool, name, size, ...options }: P<'createImage'>) => {
    this.free(pool, name);
    this.of.addImage({ pool, name }, { size, ...defined(options) });
  };
  public readonly cloneImage = ({ pool, name, parent, ...options }: P<'cloneImage'>) => {
    this.free(pool, name);
    const image = this.of.imageOf(parent);
    const snapshot = image.snapshots.find((one) => one.name === parent.snapshot);
    if (snapshot === undefined) throw fault(ENOENT, `no snapshot ${parent.snapshot}`);
    const { size } = snapshot;
    const link = { image, pool: parent.pool, snapshot: snapshot.name };
    this.of.addImage({ pool, name }, { size, metadata: { ...image.metadata }, parent: link, ...defined(options) });
  };
  public readonly growImage = ({ size, ...of }: P<'growImage'>) => {
    const image = this.of.imageOf(of);
    image.size = Math.max(image.size, size);
  };
  public readonly renameImage = ({ pool, name, to }: P<'renameImage'>) => {
    const image = this.of.imageOf({ pool, name });
    // An interrupted rename: both names are the same image, which is listed under the earlier one.
    if (this.of.poolOf(pool).images.get(to) !== image) this.free(pool, to);
    this.of.poolOf(pool).images.delete(name);
    this.of.poolOf(pool).images.set(to, Object.assign(image, { name: to }));
  };
  public readonly trashImage = ({ pool, name, delaySeconds }: P<'trashImage'>) => {
    const { images, trash, cutOff } = this.of.poolOf(pool);
    if (cutOff.delete(name)) return;
    const image = this.of.imageOf({ pool, name });
    images.delete(name);
    const now = Date.now();
    const [deleted, expires] = [now, now + delaySeconds * 1000].map((time) => new Date(time).toISOString());
    trash.set(image.id, {
      id: image.id,
      name,
      source: 'user',
      deleted: deleted as string,
      expires: expires as string,
      image,
    });
  };
  public readonly removeImage = ({ pool, name }: P<'removeImage'>, { onProgress }: LongRequest) => {
    const { images, cutOff } = this.of.poolOf(pool);
    if (cutOff.delete(name)) return;
    const image = this.of.imageOf({ pool, name });
    if (image.watchers.length > 0) throw fault(EBUSY, 'error removing image');
    if (image.snapshots.length > 0) throw fault(ENOTEMPTY, 'error removing image');
    onProgress?.(100);
    images.delete(name);
  };
  public readonly flattenImage = (of: P<'flattenImage'>, { onProgress }: LongRequest) => {
    delete this.of.imageOf(of).parent;
    onProgress?.(100);
  };
  public readonly setMetadata = ({ key, value, ...of }: P<'setMetadata'>) => {
    this.of.imageOf(of).metadata[key] = value;
  };
  public readonly removeMetadata = ({ key, ...of }: P<'removeMetadata'>) => {
    delete this.of.imageOf(of).metadata[key];
  };
  public readonly createSnapshot = ({ snapshot: name, ...of }: P<'createSnapshot'>) => {
    const image = this.of.imageOf(of);
    if (image.snapshots.some((one) => one.name === name)) throw fault(EEXIST, `snapshot ${name} exists`);
    const time = new Date().toISOString();
    image.snapshots.push({ id: this.of.number(), name, size: image.size, namespace: 'user', time });
  };
  public readonly removeSnapshot = ({ snapshot, ...of }: P<'removeSnapshot'>) => {
    const image = this.of.imageOf(of);
    if (!image.snapshots.some((one) => one.name === snapshot)) throw fault(ENOENT, `no snapshot ${snapshot}`);
    image.snapshots = image.snapshots.filter((one) => one.name !== snapshot);
  };
  public readonly trash = ({ pool }: P<'trash'>): TrashEntry[] =>
    [...this.of.poolOf(pool).trash.values()].map(({ image: _, ...entry }) => entry);
  public readonly purgeTrash = ({ pool, id, snapshot }: P<'purgeTrash'>) => {
    const { trash } = this.of.poolOf(pool);
    const image = trash.get(id)?.image;
    if (image === undefined) throw fault(ENOENT, `no image ${id} in the trash`);
    const all = [...this.of.pools.values()].flatMap((one) => [
      ...one.images.values(),
      ...[...one.trash.values()].map((entry) => entry.image),
    ]);
    if (all.some(({ parent }) => parent?.image === image)) throw fault(EBUSY, `image ${id} has clones`);
    if (image.snapshots.some(({ name }) => name !== snapshot)) throw fault(ENOTEMPTY, `image ${id} has snapshots`);
    trash.delete(id);
  };
  public readonly restoreFromTrash = ({ pool, id, name }: P<'restoreFromTrash'>) => {
    const { images, trash } = this.of.poolOf(pool);
    const entry = trash.get(id);
    if (entry === undefined) throw fault(ENOENT, `error restoring image ${id}`);
    this.free(pool, name);
    trash.delete(id);
    images.set(name, Object.assign(entry.image, { name }));
  };

  public readonly takeLock = ({ pool, image, holder }: Parameters<CephLocks['takeLock']>[0]) => {
    this.of.poolOf(pool);
    return this.of.lock(`${pool}/${image}`, holder);
  };
  public readonly giveLock = ({ lock }: Parameters<CephLocks['giveLock']>[0]) => this.of.unlock(lock);
  public readonly setLocksExpire = (): Promise<void> => Promise.resolve();

  private free(pool: string, name: string): void {
    if (this.of.poolOf(pool).images.has(name)) throw fault(EEXIST, `image ${name} exists`);
  }

  private parentOf({ image, pool, snapshot }: NonNullable<FakeImage['parent']>): Parent {
    const trashed = this.of.pools.get(pool)?.trash.has(image.id) === true;
    return { pool, image: image.name, snapshot, trash: trashed };
  }
}

function ours(key: string): string {
  if (!key.startsWith('cdktf-libvirt-ceph/')) throw fault(EPERM, `'${key}' is nobody's to ask for`);
  return key;
}

function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
