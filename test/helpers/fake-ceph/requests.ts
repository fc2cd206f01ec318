import { createHash, randomBytes } from 'node:crypto';
import {
  type Ceph,
  type CephLocks,
  type Child,
  EBUSY,
  EEXIST,
  EINVAL,
  ENOENT,
  ENOTEMPTY,
  EPERM,
  type Image,
  type LongRequest,
  type Parent,
  type TrashEntry,
} from '../../../lib/ceph';
import { type Contents, type FakeImage, fault } from './contents';

type Answers = { readonly [M in keyof Ceph | keyof CephLocks]: (params: never, options: LongRequest) => unknown };
type P<M extends keyof Ceph> = Parameters<Ceph[M]>[0];

/** Each request, as the cluster carries it out. */
export class Requests implements Answers {
  constructor(private readonly of: Contents) {}

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
  public readonly releaseLock = ({ lock }: Parameters<CephLocks['releaseLock']>[0]) => this.of.unlock(lock);
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
