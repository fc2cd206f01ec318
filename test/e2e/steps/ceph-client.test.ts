import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cephJson,
  cephTool,
  clusterSpec,
  OWNER,
  runScript,
  runScriptWell,
  TOKEN,
  useLab,
  verifyScript,
} from '../../helpers/lab';
import { whileOpen } from '../../helpers/rbd';

const lab = useLab();
const OTHER = { ...OWNER, project: 'somebody-else' };
const CAPS = { mon: 'profile rbd', osd: 'profile rbd pool=steps-x' };
const keyOf = (id: string): string => `cdktf-libvirt-ceph/client/${id}`;
const spec = (id: string, more: object = {}): object => ({ cluster: clusterSpec(lab()), id, caps: CAPS, ...more });
const ensure = (id: string, more: object = {}) => runScript('ceph-client', 'ensure', spec(id, more));
const remove = (id: string, more: object = {}) =>
  runScript('ceph-client', 'remove', { cluster: clusterSpec(lab()), id, removalPolicy: 'delete', ...more });
const ceph = (...args: string[]): Promise<string> => cephTool(lab(), 'ceph', ...args);
const markOf = async (id: string): Promise<any> => JSON.parse(await ceph('config-key', 'get', keyOf(id)));
const setMark = (id: string, mark: object): Promise<string> =>
  ceph('config-key', 'set', keyOf(id), JSON.stringify(mark));
const capsOf = async (id: string): Promise<object> => (await cephJson(lab(), 'auth', 'get', `client.${id}`))[0].caps;
const secretOf = (id: string): Promise<string> => ceph('auth', 'get-key', `client.${id}`);

async function clean(): Promise<void> {
  const { auth_dump: entities } = (await cephJson(lab(), 'auth', 'ls')) as { auth_dump: { entity: string }[] };
  for (const { entity } of entities.filter((one) => one.entity.startsWith('client.steps-')))
    await ceph('auth', 'del', entity);
  for (const key of (await cephJson(lab(), 'config-key', 'ls')) as string[]) {
    if (key.startsWith(keyOf('steps-'))) await ceph('config-key', 'rm', key);
  }
}

beforeAll(clean);
afterAll(clean);

test('creates a client with its capabilities, marks it, shows no key, and does nothing the second time', async () => {
  const out = await ensure('steps-a');
  expect(out.exitCode).toBe(0);
  expect(await capsOf('steps-a')).toEqual(CAPS);
  expect(out.stdout + out.stderr).not.toContain(await secretOf('steps-a'));
  const mark = await markOf('steps-a');
  expect(mark).toMatchObject({ owner: OWNER, entryId: TOKEN, id: 'client.steps-a', caps: CAPS, keyGeneration: 1 });
  expect(mark.keyId).toMatch(/^[0-9a-f-]{36}$/);
  const secret = await secretOf('steps-a');
  expect(await runScriptWell('ceph-client', 'ensure', spec('steps-a'))).toBe('');
  expect(await verifyScript('ceph-client', spec('steps-a'))).toMatchObject({ ok: true });
  expect([await secretOf('steps-a'), await markOf('steps-a')]).toEqual([secret, mark]);
});

test('changes what it set, and never what others gave', async () => {
  await ceph(
    'auth',
    'caps',
    'client.steps-a',
    'mon',
    'profile rbd',
    'osd',
    `${CAPS.osd}, allow r pool=theirs`,
    'mds',
    'allow r',
  );
  const caps = { mon: 'profile rbd', osd: 'profile rbd pool=steps-y' };
  const { differs } = await verifyScript('ceph-client', spec('steps-a', { caps }));
  expect(differs[0]?.differs).toBe(
    `'osd profile rbd pool=steps-y' is missing, 'osd profile rbd pool=steps-x' is no longer wanted`,
  );
  await runScriptWell('ceph-client', 'ensure', spec('steps-a', { caps }));
  expect(await capsOf('steps-a')).toEqual({
    mds: 'allow r',
    mon: 'profile rbd',
    osd: 'allow r pool=theirs, profile rbd pool=steps-y',
  });
  expect((await markOf('steps-a')).caps).toEqual(caps);
  await runScriptWell('ceph-client', 'ensure', spec('steps-a'));
});

test('makes a new key only for a higher generation, and keeps the capabilities', async () => {
  const [secret, mark, caps] = [await secretOf('steps-a'), await markOf('steps-a'), await capsOf('steps-a')];
  await runScriptWell('ceph-client', 'ensure', spec('steps-a', { keyGeneration: 1 }));
  expect(await secretOf('steps-a')).toBe(secret);
  const out = await ensure('steps-a', { keyGeneration: 2 });
  const renewed = await secretOf('steps-a');
  expect(out.exitCode).toBe(0);
  expect(renewed).not.toBe(secret);
  expect(out.stdout + out.stderr).not.toContain(renewed);
  expect(await capsOf('steps-a')).toEqual(caps);
  const now = await markOf('steps-a');
  expect(now.keyGeneration).toBe(2);
  expect(now.keyId).not.toBe(mark.keyId);
  expect(await runScriptWell('ceph-client', 'ensure', spec('steps-a', { keyGeneration: 2 }))).toBe('');
  expect(await runScriptWell('ceph-client', 'ensure', spec('steps-a', { keyGeneration: 1 }))).toContain(
    'Warning: client',
  );
  expect(await secretOf('steps-a')).toBe(renewed);
});

test('resumes after a kill at each point: before the entity, before the end of a rotation, before the last mark', async () => {
  const id = 'steps-killed';
  const intent = { v: 1, owner: OWNER, entryId: TOKEN, id: '', caps: CAPS, keyGeneration: 1, keyId: '' };
  await setMark(id, intent);
  await runScriptWell('ceph-client', 'ensure', spec(id));
  await setMark(id, intent);
  await runScriptWell('ceph-client', 'ensure', spec(id));
  const mark = await markOf(id);
  expect(mark).toMatchObject({ id: `client.${id}`, caps: CAPS });
  await setMark(id, { ...mark, keyId: '' });
  await runScriptWell('ceph-client', 'ensure', spec(id, { keyGeneration: 2 }));
  expect((await markOf(id)).keyId).not.toBe(mark.keyId);
  expect(await verifyScript('ceph-client', spec(id, { keyGeneration: 2 }))).toMatchObject({ ok: true });
});

test('a killed rotation that is no longer wanted is reported with the time of its end', async () => {
  const id = 'steps-cut-off';
  await runScriptWell('ceph-client', 'ensure', spec(id));
  const mark = await markOf(id);
  expect(mark.since).toBeUndefined();
  // As a kill leaves it before or after the import: nobody knows which key there is.
  await setMark(id, { ...mark, keyId: '' });
  const before = new Date().toISOString();
  await runScriptWell('ceph-client', 'ensure', spec(id));
  expect((await markOf(id)).since >= before).toBe(true);
});

test('what is wanted again after a kill before the entity is ours, and is removed when it is no longer wanted', async () => {
  const id = 'steps-regranted';
  await setMark(id, { v: 1, owner: OWNER, entryId: TOKEN, id: '', caps: CAPS, keyGeneration: 1, keyId: '' });
  await runScriptWell('ceph-client', 'ensure', spec(id, { caps: { ...CAPS, mgr: 'profile rbd' } }));
  await runScriptWell('ceph-client', 'ensure', spec(id));
  expect(await capsOf(id)).toEqual(CAPS);
});

test('prints no key for those who debug Node.js either', async () => {
  const id = 'steps-debug';
  await runScriptWell('ceph-client', 'ensure', spec(id));
  const { stdout, stderr } = await runScript('ceph-client', 'ensure', spec(id), { env: { NODE_DEBUG: '*' } });
  expect(stderr).toContain('CHILD_PROCESS');
  expect(stdout + stderr).not.toContain(await secretOf(id));
});

test('a client deleted by hand is created again, with another key id', async () => {
  const id = 'steps-damaged';
  await runScriptWell('ceph-client', 'ensure', spec(id));
  const { keyId } = await markOf(id);
  await ceph('auth', 'del', `client.${id}`);
  expect((await verifyScript('ceph-client', spec(id))).differs.map(({ differs }) => differs)).toEqual([
    'the client that was marked no longer exists',
    'it is missing',
  ]);
  await runScriptWell('ceph-client', 'ensure', spec(id));
  expect((await markOf(id)).keyId).not.toBe(keyId);
  await ceph('config-key', 'rm', keyOf(id));
  expect(await verifyScript('ceph-client', spec(id))).toMatchObject({ ok: false });
});

test('fails for a client that is not ours, and keeps its key and capabilities when told to adopt it', async () => {
  const id = 'steps-foreign';
  await ceph('auth', 'add', `client.${id}`, 'mon', 'profile rbd', 'osd', 'allow r');
  const secret = await secretOf(id);
  const refused = await ensure(id);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toBe(
    `error[unmarked]: client '${id}' already exists and does not belong to this stack; set 'adopt: true' to take it over with its key and capabilities, or if nothing uses it, free the name: 'ceph auth del client.${id}'`,
  );
  await runScriptWell('ceph-client', 'ensure', spec(id, { adopt: true, keyGeneration: 3 }));
  expect(await secretOf(id)).toBe(secret);
  expect(await capsOf(id)).toEqual({ mon: 'profile rbd', osd: `allow r, ${CAPS.osd}` });
  expect((await markOf(id)).caps).toEqual({ osd: CAPS.osd });
  await runScriptWell('ceph-client', 'ensure', spec(id, { caps: { mon: 'profile rbd' }, keyGeneration: 3 }));
  expect(await capsOf(id)).toEqual({ mon: 'profile rbd', osd: 'allow r' });
});

test('fails for what another owner has not released, and takes back its own from another entry with a warning', async () => {
  const id = 'steps-theirs';
  await runScriptWell('ceph-client', 'ensure', spec(id, { owner: OTHER, entryId: 'their-entry' }));
  expect((await ensure(id, { adopt: true })).stderr).toContain(`belongs to project 'somebody-else'`);
  const out = await runScriptWell('ceph-client', 'ensure', spec(id, { owner: OTHER, entryId: 'another-entry' }));
  expect(out).toContain(`Warning: client '${id}' is taken back from the entry 'their-entry'`);
  const old = await remove(id, { owner: OTHER, entryId: 'their-entry' });
  expect(old).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('so it is kept') });
  expect(await capsOf(id)).toEqual(CAPS);
});

test('deletes its own, releases what is to be retained, and succeeds when it is already gone', async () => {
  const id = 'steps-removed';
  await runScriptWell('ceph-client', 'ensure', spec(id));
  const secret = await secretOf(id);
  expect((await remove(id, { removalPolicy: 'retain' })).exitCode).toBe(0);
  expect([await secretOf(id), (await markOf(id)).entryId]).toEqual([secret, '']);
  expect(await runScriptWell('ceph-client', 'ensure', spec(id))).not.toContain('Warning');
  expect(await secretOf(id)).toBe(secret);
  expect((await remove(id)).exitCode).toBe(0);
  await expect(secretOf(id)).rejects.toThrow('ENOENT');
  await expect(markOf(id)).rejects.toThrow('ENOENT');
  expect(await remove(id)).toMatchObject({ exitCode: 0, stdout: `client '${id}' no longer exists` });
});

describe('A grant that is no longer wanted', () => {
  const id = 'steps-using';
  const [VMS, GOLDEN, DATA] = ['steps-vms', 'steps-golden', 'steps-data'];
  const rbd = (...args: string[]): Promise<string> => cephTool(lab(), 'rbd', ...args);
  const using = (...osd: string[]): object => ({ caps: { mon: 'profile rbd', osd: osd.join(', ') } });
  const [onVms, onGolden, onData] = [
    `profile rbd pool=${VMS}`,
    `profile rbd-read-only pool=${GOLDEN}`,
    `profile rbd pool=${DATA}`,
  ];
  const folder = mkdtempSync(join(tmpdir(), 'clc-needed-'));

  async function wipe(): Promise<void> {
    await ceph('config', 'set', 'mon', 'mon_allow_pool_delete', 'true');
    for (const pool of [VMS, GOLDEN, DATA])
      await ceph('osd', 'pool', 'rm', pool, pool, '--yes-i-really-really-mean-it');
    await ceph('config', 'rm', 'mon', 'mon_allow_pool_delete');
  }

  beforeAll(async () => {
    await wipe();
    for (const pool of [VMS, GOLDEN, DATA]) {
      await ceph('osd', 'pool', 'create', pool, '1');
      await rbd('pool', 'init', pool);
    }
    await rbd('create', '--size', '8M', `${GOLDEN}/debian`);
    await rbd('snap', 'create', '--no-progress', `${GOLDEN}/debian@s`);
    await rbd('clone', '--rbd-default-clone-format', '2', `${GOLDEN}/debian@s`, `${VMS}/root`);
    await rbd('create', '--size', '8M', '--data-pool', DATA, `${VMS}/data`);
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await wipe();
  });

  /** What `ensure` says; afterwards nothing differs, and all that stays is ours. */
  async function ensured(wanted: object, osd: string): Promise<string> {
    const said = await runScriptWell('ceph-client', 'ensure', spec(id, wanted));
    expect(await capsOf(id)).toEqual({ mon: 'profile rbd', osd });
    expect((await markOf(id)).caps.osd.split(', ').sort()).toEqual(osd.split(', ').sort());
    expect(await verifyScript('ceph-client', spec(id, wanted))).toMatchObject({ ok: true });
    return said;
  }

  test('stays while a clone has its parent there, also in the trash, or an image has its data there', async () => {
    await runScriptWell('ceph-client', 'ensure', spec(id, using(onVms, onGolden, onData)));
    await rbd('trash', 'mv', `${GOLDEN}/debian`);
    const said = await ensured(using(onVms), `${onVms}, ${onGolden}, ${onData}`);
    expect(said.split('\n')).toEqual([
      `client '${id}': 'osd ${onGolden}' is no longer wanted, but is kept because image '${VMS}/root' is a clone of '${GOLDEN}/debian'`,
      `client '${id}': 'osd ${onData}' is no longer wanted, but is kept because image '${VMS}/data' has its data in '${DATA}'`,
    ]);
    await rbd('flatten', '--no-progress', `${VMS}/root`);
    expect((await verifyScript('ceph-client', spec(id, using(onVms)))).differs).toEqual([
      { step: 'set its capabilities', differs: `'osd ${onGolden}' is no longer wanted` },
      { step: 'complete its mark', differs: 'the mark names capabilities that are no longer ours' },
    ]);
    await ensured(using(onVms), `${onVms}, ${onData}`);
    await rbd('rm', '--no-progress', `${VMS}/data`);
    await ensured(using(onVms), onVms);
  });

  test('stays while that client, and not another one, has an image there open', async () => {
    await runScriptWell('ceph-client', 'ensure', spec(id, using(onVms)));
    await rbd('create', '--size', '8M', `${VMS}/running`);
    await ceph('auth', 'get', `client.${id}`, '-o', join(folder, 'keyring'));
    const expectHeld = async (): Promise<void> => {
      const said = await ensured(using(onGolden), `${onVms}, ${onGolden}`);
      expect(said).toMatch(new RegExp(`is kept because image '${VMS}/running' is open by client\\.\\d+ at `));
      await runScriptWell('ceph-client', 'ensure', spec('steps-idle', using(onVms)));
      await runScriptWell('ceph-client', 'ensure', spec('steps-idle', using(onGolden)));
      expect(await capsOf('steps-idle')).toEqual({ mon: 'profile rbd', osd: onGolden });
    };
    await whileOpen(lab(), `${VMS}/running`, expectHeld, ['--id', id, '--keyring', join(folder, 'keyring')]);
    await ensured(using(onGolden), onGolden);
  });
});
