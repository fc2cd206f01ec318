import { type Ceph, type CephLocks, EBUSY, EEXIST, ENOENT, isCephError, isPoolMissing } from '../../lib/ceph';

/** A cluster with which the suite may do as it likes, and two clients of it. */
export interface ContractCluster {
  readonly ceph: Ceph & CephLocks;
  readonly other: Ceph & CephLocks;
  /** Names for this run only: a real cluster may contain what an earlier run left. */
  readonly name: (text: string) => string;
  /** Allows a pool to be deleted. */
  readonly allowDeletion: (allowed: boolean) => Promise<void>;
}

const MIB = 2 ** 20;
const MARKS = 'cdktf-libvirt-ceph/';

/** What every implementation of `Ceph` must do; run on the one in memory and on the worker with a real cluster. */
export function cephContract(cluster: () => ContractCluster): void {
  const name = (text: string): string => cluster().name(text);
  const ceph = (): Ceph & CephLocks => cluster().ceph;
  const pool = (): string => name('pool');
  const blank = async (text: string, size = 4 * MIB) => {
    const of = { pool: pool(), name: text };
    await ceph().createImage({ ...of, size });
    return of;
  };
  const failing = async (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  beforeAll(async () => {
    await ceph().createPool({ name: pool(), pgNum: 8, autoscaleMode: 'off', size: 1 });
    await ceph().initPool({ name: pool() });
  });

  test('the monitors are listed with their addresses', async () => {
    const found = await ceph().monitors();
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toMatch(/^[\d.]+:\d+$/);
  });

  test('a pool is described as it was created, and a missing pool is reported as missing', async () => {
    expect(await ceph().pool({ name: pool() })).toMatchObject({
      size: 1,
      pgNum: 8,
      autoscaleMode: 'off',
      erasureCoded: false,
      applications: ['rbd'],
    });
    expect(await ceph().poolNames()).toContain(pool());
    expect(await ceph().pool({ name: name('none') })).toBeUndefined();
    // Callers may pass more than the request accepts.
    const more = { token: 'a token' };
    expect(await ceph().poolContents({ name: pool(), ...more })).toMatchObject({ namespaces: [] });
    await ceph().setPool({ name: pool(), key: 'min_size', value: 1 });
    expect(await ceph().pool({ name: pool() })).toMatchObject({ minSize: 1 });
  });

  test('an initialised pool can be initialised again', async () => {
    await ceph().initPool({ name: pool() });
    expect(await ceph().pool({ name: pool() })).toMatchObject({ applications: ['rbd'] });
  });

  test('a CRUSH rule is found by its number', async () => {
    expect(await ceph().crushRule({ name: 'replicated_rule' })).toBe(0);
    expect(await ceph().crushRule({ name: name('none') })).toBeUndefined();
  });

  test('a pool is deleted only where the cluster allows it', async () => {
    const doomed = name('doomed');
    await ceph().createPool({ name: doomed, size: 1 });
    await ceph().initPool({ name: doomed });
    expect(await ceph().poolContents({ name: doomed })).toMatchObject({
      images: [],
      trash: [],
      namespaces: [],
      others: [],
    });
    await ceph().createImage({ pool: doomed, name: 'a', size: MIB });
    const held = await ceph().poolContents({ name: doomed });
    expect(held.images).toEqual(['a']);
    expect(held.others.length).toBeGreaterThan(0);
    await cluster().allowDeletion(false);
    const refused = await failing(ceph().deletePool({ name: doomed }));
    expect((refused as Error).message).toContain('mon_allow_pool_delete');
    await cluster().allowDeletion(true);
    await ceph().deletePool({ name: doomed });
    expect(await ceph().pool({ name: doomed })).toBeUndefined();
  });

  test('a client gets its capabilities and a key that only its digest reveals, and can be deleted', async () => {
    const entity = `client.${name('guest')}`;
    expect(await ceph().clientCaps({ entity })).toBeUndefined();
    expect(await ceph().keyDigest({ entity })).toBeUndefined();
    const caps = { mon: 'profile rbd', osd: `profile rbd pool=${pool()}` };
    await ceph().addClient({ entity, caps });
    expect(await ceph().clientCaps({ entity })).toEqual(caps);
    const digest = await ceph().keyDigest({ entity });
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    await ceph().setClientCaps({ entity, caps: { mon: 'allow r' } });
    expect(await ceph().clientCaps({ entity })).toEqual({ mon: 'allow r' });
    expect(await ceph().keyDigest({ entity })).toBe(digest);
    expect(await ceph().sessions({ entity })).toEqual([]);
    await ceph().removeClient({ entity });
    expect(await ceph().clientCaps({ entity })).toBeUndefined();
  });

  test('connected clients are listed', async () => {
    expect((await ceph().sessions({ entity: 'client.admin' })).length).toBeGreaterThan(0);
  });

  test('texts of ours are kept byte for byte, and texts of others cannot be requested', async () => {
    const key = `${MARKS}${name('key')}`;
    const value = '{"a":"ü \\" $HOME"}';
    expect(await ceph().configKey({ key })).toBeUndefined();
    await ceph().setConfigKey({ key, value });
    await ceph().setConfigKey({ key: `${key}/b`, value: 'x' });
    expect(await ceph().configKey({ key })).toBe(value);
    expect(await ceph().configKeys({ prefix: `${key}/` })).toEqual({ [`${key}/b`]: 'x' });
    for (const one of [key, `${key}/b`, key]) await ceph().removeConfigKey({ key: one });
    expect(await ceph().configKey({ key })).toBeUndefined();
    expect(isCephError(await failing(ceph().configKey({ key: 'mgr/dashboard/key' })))).toBe(true);
  });

  test('a blank image is described in one look', async () => {
    const of = await blank('blank');
    expect(await ceph().image(of)).toMatchObject({
      id: expect.stringMatching(/^\w+$/),
      size: 4 * MIB,
      objectSize: 4 * MIB,
      snapshots: [],
      metadata: {},
      watchers: [],
      locks: [],
    });
    const found = await ceph().image(of);
    for (const absent of ['dataPool', 'parent', 'group', 'mirroring', 'migration'] as const)
      expect(found?.[absent] ?? undefined).toBeUndefined();
    expect(found?.features).toContain('layering');
    expect(await ceph().imageNames({ pool: pool() })).toContain('blank');
  });

  test('a missing image is reported as missing, and a missing pool is a separate error', async () => {
    expect(await ceph().image({ pool: pool(), name: 'none' })).toBeUndefined();
    expect(await ceph().watchers({ pool: pool(), name: 'none' })).toEqual([]);
    expect(isPoolMissing(await failing(ceph().image({ pool: name('none'), name: 'a' })))).toBe(true);
    expect(isPoolMissing(await failing(ceph().imageNames({ pool: name('none') })))).toBe(true);
    const grown = await failing(ceph().growImage({ pool: pool(), name: 'none', size: MIB }));
    expect(isCephError(grown, ENOENT)).toBe(true);
    expect(isPoolMissing(grown)).toBe(false);
  });

  test('an image is created as requested, and a name that is taken is an error', async () => {
    const of = { pool: pool(), name: 'options' };
    await ceph().createImage({ ...of, size: MIB, objectSize: MIB, features: ['layering'] });
    expect(await ceph().image(of)).toMatchObject({ objectSize: MIB, features: ['layering'] });
    expect(isCephError(await failing(ceph().createImage({ ...of, size: MIB })), EEXIST)).toBe(true);
  });

  test('an image grows and never shrinks', async () => {
    const of = await blank('grown');
    await ceph().growImage({ ...of, size: 8 * MIB });
    expect(await ceph().image(of)).toMatchObject({ size: 8 * MIB });
    await ceph().growImage({ ...of, size: 2 * MIB });
    expect(await ceph().image(of)).toMatchObject({ size: 8 * MIB });
  });

  test('an image has texts attached to it', async () => {
    const of = await blank('texts');
    await ceph().setMetadata({ ...of, key: 'a', value: '{"b":"ü"}' });
    await ceph().setMetadata({ ...of, key: 'c', value: 'd' });
    await ceph().removeMetadata({ ...of, key: 'c' });
    expect((await ceph().image(of))?.metadata).toEqual({ a: '{"b":"ü"}' });
  });

  test('a rename keeps the image and refuses a name that is taken', async () => {
    const of = await blank('before');
    const id = (await ceph().image(of))?.id;
    await ceph().renameImage({ ...of, to: 'after' });
    expect(await ceph().image({ ...of, name: 'after' })).toMatchObject({ id });
    expect(await ceph().image(of)).toBeUndefined();
    await blank('taken');
    const refused = await failing(ceph().renameImage({ ...of, name: 'after', to: 'taken' }));
    expect(isCephError(refused, EEXIST)).toBe(true);
  });

  test('a blank image takes up nothing of its size, and what is not there has no size', async () => {
    expect(await ceph().imageSpace(await blank('space-blank', 8 * MIB))).toEqual({ size: 8 * MIB, used: 0 });
    expect(await ceph().imageSpace({ pool: pool(), name: 'none' })).toBeUndefined();
    expect(isPoolMissing(await failing(ceph().imageSpace({ pool: name('none'), name: 'a' })))).toBe(true);
  });

  test('a clone reads from a snapshot until it is flattened, and the parent lists it', async () => {
    const parent = await blank('parent', 8 * MIB);
    await ceph().setMetadata({ ...parent, key: 'mark', value: 'm' });
    await ceph().createSnapshot({ ...parent, snapshot: 's' });
    expect(isCephError(await failing(ceph().createSnapshot({ ...parent, snapshot: 's' })), EEXIST)).toBe(true);
    const [snapshot] = (await ceph().image(parent))?.snapshots ?? [];
    expect(snapshot).toMatchObject({ name: 's', size: 8 * MIB, namespace: 'user' });
    expect(Math.abs(Date.parse(snapshot?.time ?? '') - Date.now())).toBeLessThan(60_000);
    const clone = { pool: pool(), name: 'clone' };
    await ceph().cloneImage({ ...clone, parent: { ...parent, snapshot: 's' } });
    expect(await ceph().image(clone)).toMatchObject({
      size: 8 * MIB,
      parent: { pool: pool(), image: 'parent', snapshot: 's', trash: false },
      metadata: { mark: 'm' },
    });
    const child = { pool: pool(), image: 'clone', trash: false };
    expect(await ceph().children(parent)).toMatchObject([child]);
    expect(await ceph().children({ ...parent, snapshot: 's' })).toMatchObject([child]);
    const uses = await ceph().imagesInUse({ pool: pool() });
    expect(uses.find((one) => one.name === 'clone')).toMatchObject({ parents: [{ pool: pool(), image: 'parent' }] });
    const percents: number[] = [];
    await ceph().flattenImage(clone, { onProgress: (percent) => percents.push(percent) });
    expect(percents.every((percent) => percent >= 0 && percent <= 100)).toBe(true);
    expect((await ceph().image(clone))?.parent ?? undefined).toBeUndefined();
    expect(await ceph().children(parent)).toEqual([]);
    await ceph().removeSnapshot({ ...parent, snapshot: 's' });
    expect((await ceph().image(parent))?.snapshots).toEqual([]);
  });

  test('an image is removed only when it has no snapshots', async () => {
    const of = await blank('removed');
    await ceph().createSnapshot({ ...of, snapshot: 's' });
    expect(isCephError(await failing(ceph().removeImage(of)))).toBe(true);
    await ceph().removeSnapshot({ ...of, snapshot: 's' });
    await ceph().removeImage(of);
    expect(await ceph().image(of)).toBeUndefined();
    expect(isCephError(await failing(ceph().removeImage(of)), ENOENT)).toBe(true);
    expect(await ceph().isRemovalInterrupted(of)).toBe(false);
  });

  test('the trash keeps an image by its id, and its clone, until it is restored', async () => {
    const of = await blank('trashed');
    const id = (await ceph().image(of))?.id as string;
    await ceph().createSnapshot({ ...of, snapshot: 's' });
    const clone = { pool: pool(), name: 'trashed-clone' };
    await ceph().cloneImage({ ...clone, parent: { ...of, snapshot: 's' } });
    await ceph().trashImage({ ...of, delaySeconds: 3600 });
    expect(await ceph().image(of)).toBeUndefined();
    const entry = (await ceph().trash({ pool: pool() })).find((one) => one.id === id);
    expect(entry).toMatchObject({ name: 'trashed', source: 'user' });
    const kept = Date.parse(entry?.expires ?? '') - Date.parse(entry?.deleted ?? '');
    expect(Math.abs(kept - 3_600_000)).toBeLessThan(5000);
    expect((await ceph().image(clone))?.parent).toMatchObject({ image: 'trashed', trash: true });
    await ceph().restoreFromTrash({ pool: pool(), id, name: 'restored' });
    expect(await ceph().image({ pool: pool(), name: 'restored' })).toMatchObject({ id });
  });

  test('attributes that an image lacks are left out', async () => {
    const image = await ceph().image(await blank('plain'));
    for (const field of ['dataPool', 'parent', 'group', 'mirroring', 'migration'])
      expect(image).not.toHaveProperty(field);
  });

  test('the trash gives up an image for good, even before its expiry, unless it has clones', async () => {
    const of = await blank('purged');
    const id = (await ceph().image(of))?.id as string;
    const entry = { pool: pool(), id, snapshot: 's' };
    expect(isCephError(await failing(ceph().purgeTrash(entry)), ENOENT)).toBe(true);
    await ceph().createSnapshot({ ...of, snapshot: 's' });
    const clone = { pool: pool(), name: 'purged-clone' };
    await ceph().cloneImage({ ...clone, parent: { ...of, snapshot: 's' } });
    await ceph().trashImage({ ...of, delaySeconds: 3600 });
    expect(isCephError(await failing(ceph().purgeTrash(entry)), EBUSY)).toBe(true);
    await ceph().removeImage(clone);
    await ceph().purgeTrash(entry);
    expect((await ceph().trash({ pool: pool() })).some((one) => one.id === id)).toBe(false);
  });

  test('a lock keeps everybody else out until it is released, and names its holder to them', async () => {
    const of = { pool: pool(), image: 'locked' };
    const first = await ceph().takeLock({ ...of, holder: 'ensure "ü" of one' });
    expect(first).toHaveProperty('lock');
    expect(await cluster().other.takeLock({ ...of, holder: 'two' })).toEqual({ holder: 'ensure "ü" of one' });
    expect(await ceph().takeLock({ ...of, holder: 'three' })).toEqual({ holder: 'ensure "ü" of one' });
    await ceph().releaseLock(first as { lock: string });
    const second = await cluster().other.takeLock({ ...of, holder: 'two' });
    expect(second).toHaveProperty('lock');
    await cluster().other.releaseLock(second as { lock: string });
    expect(isPoolMissing(await failing(ceph().takeLock({ ...of, pool: name('none'), holder: 'x' })))).toBe(true);
    expect(EBUSY).toBe(16);
  });
}
