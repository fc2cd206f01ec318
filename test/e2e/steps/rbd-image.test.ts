import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OTHER_ENTRY, otherOwner } from '../../helpers/owners';
import { clusterSpec, OWNER, runScript, TOKEN, verifyScript } from '../../helpers/lab';
import { MIB, useImagePool } from '../../helpers/rbd';

const images = useImagePool('img-steps');

describe('A blank image', () => {
  test('is created with its size and carries a mark that names it', async () => {
    await images.ensure(images.blank('blank'));
    const { id, size } = await images.info('blank');
    expect(size).toBe(16 * MIB);
    expect(await images.mark('blank')).toEqual({ v: 1, owner: OWNER, id, entryId: TOKEN });
    expect(await verifyScript('rbd-image', images.blank('blank'))).toMatchObject({ ok: true });
  });

  test('is left unchanged by a second run', async () => {
    const before = await images.info('blank');
    expect(await images.ensure(images.blank('blank'))).toBe('');
    expect(await images.info('blank')).toEqual(before);
  });

  test('takes object size, features and data pool when it is created', async () => {
    await images.ceph('osd', 'pool', 'create', 'img-steps-data', '8');
    const features = ['layering', 'exclusive-lock'];
    await images.ensure(images.blank('options', { objectSize: '1 MiB', features, dataPool: 'img-steps-data' }));
    const info = await images.info('options');
    expect(info).toMatchObject({ object_size: MIB, data_pool: 'img-steps-data' });
    expect(info.features).toEqual([...features, 'data-pool']);
  });

  test('keeps its creation settings when they change in the code, and warns', async () => {
    const said = await images.ensure(
      images.blank('options', { objectSize: '2 MiB', features: ['layering', 'object-map'], dataPool: 'other' }),
    );
    expect(said).toContain("was created with 'objectSize' 1 MiB and keeps it");
    expect(said).toContain("was created with 'dataPool' 'img-steps-data' and keeps it");
    expect(said).toContain("was created with 'features'");
    const source = { clone: 'img-steps/blank' };
    expect(await images.ensure(images.blank('options', { source }))).toContain(
      `was created with 'source' {"blank":true} and keeps it; {"clone":"img-steps/blank"} takes effect only`,
    );
    expect((await images.info('options')).object_size).toBe(MIB);
    expect(await images.names()).toEqual(['blank', 'options']);
    await images.rbd('rm', 'img-steps/options');
    const pool = ['img-steps-data', 'img-steps-data', '--yes-i-really-really-mean-it'];
    await images.ceph('config', 'set', 'mon', 'mon_allow_pool_delete', 'true');
    await images.ceph('osd', 'pool', 'delete', ...pool);
  });

  test('fails without a size', async () => {
    expect(await images.refused('ensure', images.spec('sizeless'))).toContain('is blank and has no size');
  });

  test('fails in an unknown pool, and names it', async () => {
    const spec = { ...images.blank('any'), pool: 'img-no-such-pool' };
    expect(await images.refused('ensure', spec)).toMatch(/pool 'img-no-such-pool'/);
  });

  test('fails when a monitor does not answer, within 30 seconds', async () => {
    const confFile = join(images.folder, 'silent.conf');
    const keyring = join(images.lab().folder, 'admin.keyring');
    writeFileSync(confFile, `[global]\nmon host = 127.0.0.1:59998\nkeyring = ${keyring}\n`);
    const cluster = { ...clusterSpec(images.lab()), confFile };
    const start = Date.now();
    const said = await images.refused('ensure', { ...images.blank('any'), cluster });
    expect(said).toContain('tried: 127.0.0.1:59998');
    expect(Date.now() - start).toBeLessThan(30_000);
  });
});

describe('The size', () => {
  test('grows, and verify reports that it has to', async () => {
    const spec = images.blank('blank', { size: '24 MiB' });
    expect(await verifyScript('rbd-image', spec)).toMatchObject({
      ok: false,
      differs: [{ step: 'grow it', differs: 'its size is 16 MiB, not 24 MiB' }],
    });
    await images.ensure(spec);
    expect((await images.info('blank')).size).toBe(24 * MIB);
  });

  test('fails to shrink, and both sizes are named', async () => {
    const said = await images.refused('ensure', images.blank('blank', { size: '8 MiB' }));
    expect(said).toContain('has 24 MiB (25165824 bytes), more than its wanted size of 8 MiB: images are never shrunk');
    expect((await images.info('blank')).size).toBe(24 * MIB);
  });

  test("stays the image's own when none is given", async () => {
    await images.ensure(images.spec('blank'));
    expect((await images.info('blank')).size).toBe(24 * MIB);
  });
});

describe('An existing image', () => {
  test('fails when it is not ours, and says what to do', async () => {
    await images.rbd('create', 'img-steps/foreign', '--size', '16M');
    const said = await images.refused('ensure', images.blank('foreign'));
    expect(said).toContain("image 'img-steps/foreign' already exists and does not belong to this stack");
    expect(said).toContain("set 'adopt: true'");
    expect(said).toContain('rbd mv img-steps/foreign img-steps/foreign-old');
  });

  test('fails to be adopted with a smaller size, and stays without a mark', async () => {
    const said = await images.refused('ensure', images.blank('foreign', { adopt: true, size: '8 MiB' }));
    expect(said).toContain('its wanted size of 8 MiB: images are never shrunk');
    expect(await images.rbd('image-meta', 'list', 'img-steps/foreign')).not.toContain('cdktf-libvirt-ceph');
    expect((await images.info('foreign')).size).toBe(16 * MIB);
  });

  test('is adopted with its data', async () => {
    await images.rbd('bench', '--io-type', 'write', '--io-total', '1M', 'img-steps/foreign');
    const before = await images.digest('foreign');
    await images.ensure(images.blank('foreign', { adopt: true, size: '20 MiB' }));
    await images.ensure(images.blank('foreign', { adopt: true, size: '20 MiB' }));
    expect((await images.mark('foreign')).entryId).toBe(TOKEN);
    await images.rbd('resize', 'img-steps/foreign', '--size', '16M', '--allow-shrink');
    expect(await images.digest('foreign')).toBe(before);
  });

  test('fails when it belongs to another owner, with adopt or without', async () => {
    const theirs = { owner: otherOwner(), entryId: OTHER_ENTRY };
    for (const adopt of [false, true]) {
      const said = await images.refused('ensure', { ...images.blank('foreign', { adopt }), ...theirs });
      expect(said).toContain(`belongs to project 'test', stack 'steps', workspace 'default'`);
    }
  });

  test('is taken back from another entry of the same owner, with a warning that prints the entry', async () => {
    const said = await images.ensure({ ...images.blank('foreign'), entryId: OTHER_ENTRY });
    expect(said).toContain('Warning');
    expect(said).toContain(TOKEN);
    expect((await images.mark('foreign')).entryId).toBe(OTHER_ENTRY);
  });

  test('is marked again when its owner was renamed, so that the new owner is known once the state is lost', async () => {
    const renamed = { owner: otherOwner(), entryId: OTHER_ENTRY };
    expect(await images.ensure({ ...images.blank('foreign'), ...renamed })).toContain(
      'the mark names the owner by its earlier name',
    );
    expect(await images.mark('foreign')).toMatchObject({ owner: otherOwner(), entryId: OTHER_ENTRY });
    expect(await images.ensure({ ...images.blank('foreign'), ...renamed })).toBe('');
    await images.ensure({ ...images.blank('foreign'), entryId: OTHER_ENTRY });
  });

  test('does not count a mark that it inherited from the image it was copied from', async () => {
    await images.rbd('cp', '--no-progress', 'img-steps/blank', 'img-steps/copy');
    const copy = { ...images.blank('copy'), entryId: OTHER_ENTRY };
    expect(await images.refused('ensure', copy)).toContain('does not belong to this stack');
    const leaving = { ...images.removal('copy', 'delete'), entryId: OTHER_ENTRY };
    expect(await images.remove(leaving)).toContain('does not carry the mark of this stack: it is kept');
    await images.rbd('rm', '--no-progress', 'img-steps/copy');
  });

  test('once released, is taken back silently by its owner and by others only with adopt', async () => {
    await images.remove({ ...images.removal('foreign', 'retain'), entryId: OTHER_ENTRY });
    expect((await images.mark('foreign')).entryId).toBe('');
    const theirs = { ...images.blank('foreign'), owner: otherOwner(), entryId: OTHER_ENTRY };
    expect(await images.refused('ensure', theirs)).toContain('released by project');
    expect(await images.ensure(images.blank('foreign'))).not.toContain('Warning');
    await images.remove(images.removal('foreign', 'retain'));
    await images.ensure({ ...theirs, adopt: true });
    expect((await images.mark('foreign')).owner).toEqual(otherOwner());
  });
});

test('two runs at once create one image', async () => {
  const results = await Promise.all([1, 2].map(() => runScript('rbd-image', 'ensure', images.blank('both'))));
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(await images.names()).toContain('both');
  expect((await images.names()).filter((name) => name.startsWith('both.'))).toEqual([]);
});

describe('Commands that reach another cluster', () => {
  const cluster = () => ({ ...clusterSpec(images.lab()), monitors: ['10.99.99.99'] });
  const here = (name: string) => ({ cluster: cluster(), pool: 'img-steps', name });
  const refusal = '10.99.99.99 is not a monitor of the cluster that';

  test('fail to create an image there', async () => {
    const spec = { ...images.blank('elsewhere'), cluster: cluster() };
    expect(await images.refused('ensure', spec)).toContain(refusal);
    expect(await images.names()).not.toContain('elsewhere');
  });

  test('fail to create a snapshot there', async () => {
    await images.ensure(images.spec('blank'));
    const spec = { cluster: cluster(), pool: 'img-steps', image: 'blank', name: 'one' };
    const { exitCode, stderr } = await runScript('rbd-snapshot', 'ensure', spec);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining(refusal) });
  });

  test.each([
    ['an image that is not there', 'rbd-image', () => here('elsewhere'), 'trash'],
    ['an image of another', 'rbd-image', () => ({ ...here('blank'), entryId: OTHER_ENTRY }), 'delete'],
    ['an image without its pool', 'rbd-image', () => ({ ...here('a'), pool: 'img-no-such-pool' }), 'delete'],
    ['a snapshot', 'rbd-snapshot', () => ({ ...here('elsewhere'), image: 'blank' }), 'delete'],
    ['a pool', 'ceph-pool', () => ({ cluster: cluster(), name: 'img-no-such-pool' }), 'delete'],
    ['a pool of another', 'ceph-pool', () => ({ cluster: cluster(), name: 'img-steps' }), 'delete'],
    ['a client', 'ceph-client', () => ({ cluster: cluster(), id: 'img-no-such-client' }), 'delete'],
  ] as const)('fail to take it for removed: %s', async (_title, kind, spec, removalPolicy) => {
    const { exitCode, stderr } = await runScript(kind, 'remove', { ...spec(), removalPolicy });
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining(refusal) });
  });
});
