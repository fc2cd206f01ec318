import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CephWorkers } from '../../../lib/exec/ceph-worker';
import { Children } from '../../../lib/exec/children';
import type { ClusterSpec } from '../../../lib/model';
import type { Tools } from '../../../lib/steps/tools';
import { watchers } from '../../../lib/steps/watchers';
import { clusterSpec, runScript, verifyScript } from '../../helpers/lab';
import { useImagePool, whileOpen } from '../../helpers/rbd';

const POOL = 'img-managed';
const DATA = 'img-managed-data';
const images = useImagePool(POOL);
const of = (name: string): string => images.specOf(name);

beforeAll(async () => {
  await images.ceph('osd', 'pool', 'create', DATA, '8');
  await images.rbd('pool', 'init', DATA);
});
afterAll(async () => {
  await images.ceph('config', 'set', 'mon', 'mon_allow_pool_delete', 'true');
  await images.ceph('osd', 'pool', 'delete', DATA, DATA, '--yes-i-really-really-mean-it');
});

test('an image whose data a pool default would put elsewhere is not created until the code says where', async () => {
  await images.rbd('config', 'pool', 'set', POOL, 'rbd_default_data_pool', DATA);
  expect(await images.refused('ensure', images.blank('stray'))).toContain(
    `image '${of('stray')}' was not created: its data would be in '${DATA}', because of the 'rbd_default_data_pool'`,
  );
  expect(await images.names()).toEqual([]);
  await images.ensure(images.blank('named', { dataPool: DATA }));
  await images.ensure(images.blank('own', { dataPool: POOL }));
  expect([await images.info('named'), await images.info('own')].map((info) => info.data_pool)).toEqual([
    DATA,
    undefined,
  ]);
  expect(await images.ensure(images.blank('own', { dataPool: POOL }))).toBe('');
  await images.rbd('config', 'pool', 'rm', POOL, 'rbd_default_data_pool');
});

test("what a pool with 'rbd_move_to_trash_on_remove' keeps after a deletion is reported, and no half-made image is kept", async () => {
  await images.rbd('config', 'pool', 'set', POOL, 'rbd_move_to_trash_on_remove', 'true');
  await images.ensure(images.blank('kept'));
  const { id } = await images.info('kept');
  expect(await images.remove(images.removal('kept', 'delete'))).toContain(`'rbd trash rm ${POOL}/${id}' deletes it`);
  await images.rbd('trash', 'rm', '--no-progress', `${POOL}/${id}`);
  await images.rbd('config', 'pool', 'set', POOL, 'rbd_default_data_pool', DATA);
  await images.refused('ensure', images.blank('stray'));
  expect(await images.rbd('trash', 'ls', POOL)).toBe('');
  await images.rbd('config', 'pool', 'rm', POOL, 'rbd_default_data_pool');
  await images.rbd('config', 'pool', 'rm', POOL, 'rbd_move_to_trash_on_remove');
});

test('an image in a group is removed by no policy before it has left the group, and stays whole', async () => {
  await images.ensure(images.blank('grouped'));
  await images.ensure(images.spec('clone', { source: { clone: of('grouped') } }));
  await images.remove(images.removal('clone', 'delete'));
  await images.rbd('group', 'create', of('nightly'));
  await images.rbd('group', 'image', 'add', of('nightly'), of('grouped'));
  for (const policy of ['trash', 'delete']) {
    const said = await images.refused('remove', images.removal('grouped', policy));
    expect(said).toContain(`remove it from the group: 'rbd group image rm ${of('nightly')} ${of('grouped')}'`);
  }
  expect(JSON.parse(await images.rbd('snap', 'ls', '--format', 'json', of('grouped')))).toHaveLength(1);
  expect((await runScript('rbd-image', 'verify', images.blank('grouped'))).stderr).toContain('is in the group');
  await images.rbd('group', 'image', 'rm', of('nightly'), of('grouped'));
  await images.remove(images.removal('grouped', 'delete'));
  expect(await images.names()).not.toContain('grouped');
  await images.rbd('group', 'rm', of('nightly'));
});

test('an image migrated to another data pool is recognized by its mark, and is not silently left behind', async () => {
  await images.ensure(images.blank('moved'));
  await images.rbd('migration', 'prepare', '--data-pool', DATA, of('moved'), of('moved'));
  expect((await verifyScript('rbd-image', images.blank('moved'))).ok).toBe(false);
  expect(await images.refused('ensure', images.blank('moved'))).toContain('rbd migration commit');
  await images.rbd('migration', 'execute', '--no-progress', of('moved'));
  await images.rbd('migration', 'commit', '--no-progress', of('moved'));
  const said = await images.refused('remove', images.removal('moved', 'delete'));
  expect(said).toContain("it was migrated, or is a copy that took the original's place");
  const [, mark = ''] = /cdktf-libvirt-ceph '(\{[^']*\})'/.exec(said) ?? [];
  await images.rbd('image-meta', 'set', of('moved'), 'cdktf-libvirt-ceph', mark);
  await images.ensure(images.blank('moved', { dataPool: DATA }));
  await images.remove(images.removal('moved', 'delete'));
  expect(await images.names()).not.toContain('moved');
});

test('a mirrored image works on its primary, and its copy is refused by name', async () => {
  await images.rbd('mirror', 'pool', 'enable', POOL, 'image');
  await images.ensure(images.blank('mirrored'));
  await images.rbd('mirror', 'image', 'enable', of('mirrored'), 'snapshot');
  await images.ensure(images.blank('mirrored', { size: '24 MiB' }));
  await images.ensure(images.spec('clone-of-it', { source: { clone: of('mirrored') } }));
  expect(await images.refused('remove', images.removal('mirrored', 'trash'))).toContain(
    `stop the mirroring: 'rbd mirror image disable ${of('mirrored')}'`,
  );
  await images.rbd('mirror', 'image', 'demote', of('mirrored'));
  const larger = images.blank('mirrored', { size: '32 MiB' });
  expect(await images.refused('ensure', larger)).toContain('which only the mirror writes to');
  expect((await verifyScript('rbd-image', larger)).ok).toBe(false);
  await images.rbd('mirror', 'image', 'promote', of('mirrored'));
  await images.rbd('mirror', 'image', 'disable', of('mirrored'));
  await images.rbd('mirror', 'pool', 'disable', POOL);
  for (const name of ['mirrored', 'clone-of-it']) await images.remove(images.removal(name, 'delete'));
  expect(await images.trash('mirrored')).toEqual([]);
});

test('the daemon that mirrors an image does not count as a user of it, but any other client does', async () => {
  const lab = images.lab();
  const workers = new CephWorkers({ children: new Children(), holder: 'a test', say: () => undefined });
  const users = () =>
    watchers({ ceph: (one: ClusterSpec) => workers.of(one) } as unknown as Tools, clusterSpec(lab), POOL, 'watched');
  const keyring = join(images.folder, 'mirror.keyring');
  const caps = ['mon', 'profile rbd-mirror-peer', 'osd', 'profile rbd'];
  const entry = await images.ceph('auth', 'get-or-create', 'client.rbd-mirror-peer', ...caps);
  writeFileSync(keyring, `${entry}\n`, { mode: 0o600 });
  const daemon = ['--id', 'rbd-mirror-peer', '--keyring', keyring];
  try {
    await images.rbd('create', '--size', '16M', of('watched'));
    await whileOpen(lab, of('watched'), async () => expect(await users()).toHaveLength(1), daemon);
    await images.rbd('mirror', 'pool', 'enable', POOL, 'image');
    await images.rbd('mirror', 'image', 'enable', of('watched'), 'snapshot');
    await whileOpen(lab, of('watched'), async () => expect(await users()).toEqual([]), daemon);
    await whileOpen(lab, of('watched'), async () => expect(await users()).toHaveLength(1));
  } finally {
    await workers.close();
    await images.ceph('auth', 'rm', 'client.rbd-mirror-peer');
  }
  await images.rbd('mirror', 'image', 'disable', of('watched'));
  await images.rbd('mirror', 'pool', 'disable', POOL);
});

test('an image with a journal is cloned, grown and removed like any other', async () => {
  const features = ['layering', 'exclusive-lock', 'journaling'];
  await images.ensure(images.blank('journal', { features }));
  await images.ensure(images.blank('journal', { features, size: '24 MiB' }));
  await images.ensure(images.spec('journal-clone', { source: { clone: of('journal') } }));
  for (const name of ['journal-clone', 'journal']) await images.remove(images.removal(name, 'delete'));
  expect(await images.names()).not.toContain('journal');
});
