import { clusterSpec, runScript, runScriptWell, TOKEN, verifyScript } from '../../helpers/lab';
import { OTHER_ENTRY, otherOwner } from '../../helpers/owners';
import { useImagePool } from '../../helpers/rbd';
import { beforeRequest } from '../../helpers/shim';

const images = useImagePool('img-snapshots');
const spec = (name: string, image = 'data') => {
  const { cluster, pool } = images.blank(image) as { cluster: object; pool: string };
  return { cluster, pool, image, name };
};
const ensure = (of: object): Promise<string> => runScriptWell('rbd-snapshot', 'ensure', of);
const remove = (of: object): Promise<string> => runScriptWell('rbd-snapshot', 'remove', of);
const refused = async (verb: 'ensure' | 'remove', of: object): Promise<string> => {
  const { exitCode, stderr } = await runScript('rbd-snapshot', verb, of);
  expect(exitCode).not.toBe(0);
  return stderr;
};
const names = async (): Promise<string[]> => {
  const all = JSON.parse(await images.rbd('snap', 'ls', '--format', 'json', 'img-snapshots/data'));
  return all.map((one: { name: string }) => one.name);
};
const markKey = (name: string): string => `cdktf-libvirt-ceph.snap.${name}`;
const entryId = async (name: string): Promise<string> =>
  JSON.parse(await images.rbd('image-meta', 'get', 'img-snapshots/data', markKey(name))).entryId;

beforeAll(() => images.ensure(images.blank('data')));

test('is created once', async () => {
  await ensure(spec('one'));
  expect(await names()).toEqual(['one']);
  expect(await entryId('one')).toBe(TOKEN);
  expect(await ensure(spec('one'))).toBe('');
  expect(await verifyScript('rbd-snapshot', spec('one'))).toMatchObject({ ok: true });
});

test('is completed when a killed run had created it after its intent', async () => {
  const { id } = await images.info('data');
  const mark = JSON.parse(await images.rbd('image-meta', 'get', 'img-snapshots/data', markKey('one')));
  const intent = JSON.stringify({ ...mark, id: `${id}:` });
  await images.rbd('image-meta', 'set', 'img-snapshots/data', markKey('two'), intent);
  await images.rbd('snap', 'create', '--no-progress', 'img-snapshots/data@two');
  await ensure(spec('two'));
  await remove({ ...spec('two'), removalPolicy: 'delete' });
  expect(await names()).toEqual(['one']);
});

test('fails when somebody creates one of that name just before, and does not claim it', async () => {
  const byHand = `rbd --conf '${images.lab().cephConf}' snap create --no-progress img-snapshots/data@raced`;
  const prefix = beforeRequest('createSnapshot', `${byHand} >&2`);
  const raced = { ...spec('raced'), cluster: { ...clusterSpec(images.lab()), transport: { type: 'command', prefix } } };
  const { exitCode, stderr } = await runScript('rbd-snapshot', 'ensure', raced);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringContaining('already exists and does not belong to this stack'),
  });
  expect(await refused('ensure', spec('raced'))).toContain('already exists and does not belong to this stack');
  expect(await remove({ ...spec('raced'), removalPolicy: 'delete' })).toContain('so it is kept');
  await images.rbd('snap', 'rm', '--no-progress', 'img-snapshots/data@raced');
});

test('fails when it exists and is not ours', async () => {
  await images.rbd('snap', 'create', '--no-progress', 'img-snapshots/data@theirs');
  expect(await refused('ensure', spec('theirs'))).toContain('already exists and does not belong to this stack');
  const other = { ...spec('one'), owner: otherOwner(), entryId: OTHER_ENTRY };
  expect(await refused('ensure', other)).toContain("belongs to project 'test', stack 'steps'");
  expect(await remove({ ...spec('theirs'), removalPolicy: 'delete' })).toContain('so it is kept');
});

test('fails without its image', async () => {
  expect(await refused('ensure', spec('one', 'absent'))).toContain("image 'img-snapshots/absent' is missing");
});

test('is taken back from another entry of the same owner, with a warning', async () => {
  expect(await ensure({ ...spec('one'), entryId: OTHER_ENTRY })).toContain(TOKEN);
  expect(await entryId('one')).toBe(OTHER_ENTRY);
  expect(await remove({ ...spec('one'), removalPolicy: 'delete' })).toContain('so it is kept');
  await ensure(spec('one'));
});

test('does not count the mark that a clone inherited', async () => {
  await images.ensure(images.spec('clone', { source: { snapshot: 'img-snapshots/data@one' } }));
  await images.rbd('snap', 'create', '--no-progress', 'img-snapshots/clone@one');
  const ofClone = { ...spec('one', 'clone'), entryId: OTHER_ENTRY };
  expect(await refused('ensure', ofClone)).toContain('does not belong to this stack');
  await images.rbd('snap', 'rm', '--no-progress', 'img-snapshots/clone@one');
});

test('fails to be deleted while a clone lives, and names the clone', async () => {
  const said = await refused('remove', { ...spec('one'), removalPolicy: 'delete' });
  expect(said).toContain("it has clones, 'img-snapshots/clone'");
  expect(await names()).toContain('one');
});

test('is released by RETAIN and taken back silently', async () => {
  await remove({ ...spec('one'), removalPolicy: 'retain' });
  expect(await entryId('one')).toBe('');
  expect(await ensure({ ...spec('one'), entryId: OTHER_ENTRY })).not.toContain('Warning');
  expect(await entryId('one')).toBe(OTHER_ENTRY);
});

test('is deleted, and succeeds when it is already gone', async () => {
  await images.remove(images.removal('clone', 'delete'));
  await remove({ ...spec('one'), entryId: OTHER_ENTRY, removalPolicy: 'delete' });
  expect(await names()).toEqual(['theirs']);
  expect(await remove({ ...spec('one'), removalPolicy: 'delete' })).toContain('does not exist: nothing to remove');
});
