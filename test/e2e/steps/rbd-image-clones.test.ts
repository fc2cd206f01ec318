import { randomBytes } from 'node:crypto';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MIB, sha256Of, useImagePool } from '../../helpers/rbd';

const images = useImagePool('img-clones');
/** 48 MiB, 4 of them data. */
const raw = join(images.folder, 'disk.raw');
let digest: string;
beforeAll(async () => {
  writeFileSync(raw, randomBytes(4 * MIB));
  truncateSync(raw, 48 * MIB);
  digest = sha256Of(raw);
  await images.ensure(images.spec('golden', { source: { file: raw } }));
});

describe('A clone', () => {
  test('reads from one snapshot of its parent, copy-on-write', async () => {
    await Promise.all(
      ['one', 'two'].map((name) => images.ensure(images.spec(name, { source: { clone: 'img-clones/golden' } }))),
    );
    for (const name of ['one', 'two']) {
      const info = await images.info(name);
      expect(info.parent).toMatchObject({ image: 'golden', snapshot: 'cdktf-libvirt-ceph' });
      expect(await images.used(name)).toBe(0);
      expect(await images.digest(name)).toBe(digest);
      expect((await images.mark(name)).id).toBe(info.id);
    }
    expect(JSON.parse(await images.rbd('snap', 'ls', '--format', 'json', 'img-clones/golden'))).toHaveLength(1);
  });

  test('is grown to its size, and fails when that is smaller than its parent', async () => {
    const source = { clone: 'img-clones/golden' };
    await images.ensure(images.spec('larger', { source, size: '96 MiB' }));
    expect((await images.info('larger')).size).toBe(96 * MIB);
    const said = await images.refused('ensure', images.spec('bad', { source, size: '8 MiB' }));
    expect(said).toContain("its parent 'img-clones/golden@cdktf-libvirt-ceph' has 48 MiB");
  });

  test('is flattened on request', async () => {
    const source = { clone: 'img-clones/golden', flatten: true };
    await images.ensure(images.spec('flat', { source }));
    expect((await images.info('flat')).parent).toBeUndefined();
    expect(await images.digest('flat')).toBe(digest);
  });

  test('is made from a snapshot that the user names', async () => {
    await images.rbd('snap', 'create', '--no-progress', 'img-clones/golden@v1');
    await images.ensure(images.spec('named', { source: { snapshot: 'img-clones/golden@v1' } }));
    expect((await images.info('named')).parent).toMatchObject({ image: 'golden', snapshot: 'v1' });
    const absent = images.spec('bad', { source: { snapshot: 'img-clones/golden@v2' } });
    expect(await images.refused('ensure', absent)).toContain("its parent, snapshot 'img-clones/golden@v2'");
  });

  test('does not look at its parent once it exists', async () => {
    await images.rbd('mv', 'img-clones/golden', 'img-clones/golden-away');
    await images.ensure(images.spec('one', { source: { clone: 'img-clones/golden' } }));
    const said = await images.refused('ensure', images.spec('bad', { source: { clone: 'img-clones/golden' } }));
    await images.rbd('mv', 'img-clones/golden-away', 'img-clones/golden');
    expect(said).toContain("image 'img-clones/bad' is missing and so is its parent, image 'img-clones/golden'");
  });

  test('fails when its parent is in an unknown pool, and names the pool', async () => {
    const spec = images.spec('bad', { source: { clone: 'img-no-pool/golden' } });
    expect(await images.refused('ensure', spec)).toContain("pool 'img-no-pool' does not exist");
  });

  test('fails when the chain of clones would be too deep', async () => {
    let parent = 'golden';
    for (let depth = 1; depth < 8; depth++) {
      const snapshot = `img-clones/${parent}@deeper`;
      parent = `deep-${depth}`;
      await images.rbd('snap', 'create', '--no-progress', snapshot);
      await images.rbd('clone', '--rbd-default-clone-format', '2', snapshot, `img-clones/${parent}`);
    }
    const source = { clone: `img-clones/${parent}` };
    expect(await images.refused('ensure', images.spec('bad', { source }))).toContain('more than 7 levels deep');
    await images.ensure(images.spec('deep-flat', { source: { ...source, flatten: true } }));
  });
});
