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

beforeAll(clean, 120_000);
afterAll(clean, 120_000);
jest.setTimeout(120_000);

test('makes a client with its capabilities, marks it, shows no key, and does nothing the second time', async () => {
  const out = await ensure('steps-a');
  expect(out.exitCode).toBe(0);
  expect(await capsOf('steps-a')).toEqual(CAPS);
  expect(out.stdout + out.stderr).not.toContain(await secretOf('steps-a'));
  const mark = await markOf('steps-a');
  expect(mark).toMatchObject({ owner: OWNER, token: TOKEN, id: 'client.steps-a', caps: CAPS, keyGeneration: 1 });
  expect(mark.generation).toMatch(/^[0-9a-f-]{36}$/);
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

test('makes a new key for a higher generation only, and keeps the capabilities', async () => {
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
  expect(now.generation).not.toBe(mark.generation);
  expect(await runScriptWell('ceph-client', 'ensure', spec('steps-a', { keyGeneration: 2 }))).toBe('');
  expect(await runScriptWell('ceph-client', 'ensure', spec('steps-a', { keyGeneration: 1 }))).toContain(
    'Warning: client',
  );
  expect(await secretOf('steps-a')).toBe(renewed);
});

test('goes on after a kill at each point: before the entity, before the end of a rotation, before the last mark', async () => {
  const id = 'steps-killed';
  const intent = { v: 1, owner: OWNER, token: TOKEN, id: '', caps: CAPS, keyGeneration: 1, generation: '' };
  await setMark(id, intent);
  await runScriptWell('ceph-client', 'ensure', spec(id));
  await setMark(id, intent);
  await runScriptWell('ceph-client', 'ensure', spec(id));
  const mark = await markOf(id);
  expect(mark).toMatchObject({ id: `client.${id}`, caps: CAPS });
  await setMark(id, { ...mark, generation: '' });
  await runScriptWell('ceph-client', 'ensure', spec(id, { keyGeneration: 2 }));
  expect((await markOf(id)).generation).not.toBe(mark.generation);
  expect(await verifyScript('ceph-client', spec(id, { keyGeneration: 2 }))).toMatchObject({ ok: true });
});

test('a rotation that was killed and is not wanted any more is told of by the time of its end', async () => {
  const id = 'steps-cut-off';
  await runScriptWell('ceph-client', 'ensure', spec(id));
  const mark = await markOf(id);
  expect(mark.since).toBeUndefined();
  // As a kill leaves it before or after the import: nobody knows which key there is.
  await setMark(id, { ...mark, generation: '' });
  const before = new Date().toISOString();
  await runScriptWell('ceph-client', 'ensure', spec(id));
  expect((await markOf(id)).since >= before).toBe(true);
});

test('what is wanted anew after a kill before the entity is ours, and goes when it is not wanted any more', async () => {
  const id = 'steps-regranted';
  await setMark(id, { v: 1, owner: OWNER, token: TOKEN, id: '', caps: CAPS, keyGeneration: 1, generation: '' });
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

test('a client that was deleted by hand is made again, with the id of another key', async () => {
  const id = 'steps-damaged';
  await runScriptWell('ceph-client', 'ensure', spec(id));
  const { generation } = await markOf(id);
  await ceph('auth', 'del', `client.${id}`);
  expect((await verifyScript('ceph-client', spec(id))).differs.map(({ differs }) => differs)).toEqual([
    'what was marked is gone',
    'it is missing',
  ]);
  await runScriptWell('ceph-client', 'ensure', spec(id));
  expect((await markOf(id)).generation).not.toBe(generation);
  await ceph('config-key', 'rm', keyOf(id));
  expect(await verifyScript('ceph-client', spec(id))).toMatchObject({ ok: false });
});

test('fails on a client that is not ours, and keeps its key and capabilities when told to adopt it', async () => {
  const id = 'steps-foreign';
  await ceph('auth', 'add', `client.${id}`, 'mon', 'profile rbd', 'osd', 'allow r');
  const secret = await secretOf(id);
  const refused = await ensure(id);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toBe(
    `client '${id}': mark that it is ours: client '${id}' is there and is not ours; set 'adopt: true' to take it over with its key and capabilities; 'ceph auth del client.${id}' clears the name if nobody uses it`,
  );
  await runScriptWell('ceph-client', 'ensure', spec(id, { adopt: true, keyGeneration: 3 }));
  expect(await secretOf(id)).toBe(secret);
  expect(await capsOf(id)).toEqual({ mon: 'profile rbd', osd: `allow r, ${CAPS.osd}` });
  expect((await markOf(id)).caps).toEqual({ osd: CAPS.osd });
  await runScriptWell('ceph-client', 'ensure', spec(id, { caps: { mon: 'profile rbd' }, keyGeneration: 3 }));
  expect(await capsOf(id)).toEqual({ mon: 'profile rbd', osd: 'allow r' });
});

test('fails on what another owner has not released; takes back its own of another token with a warning', async () => {
  const id = 'steps-theirs';
  await runScriptWell('ceph-client', 'ensure', spec(id, { owner: OTHER, registry: 'their-token' }));
  expect((await ensure(id, { adopt: true })).stderr).toContain(`belongs to project 'somebody-else'`);
  const out = await runScriptWell('ceph-client', 'ensure', spec(id, { owner: OTHER, registry: 'another-token' }));
  expect(out).toContain(`Warning: client '${id}': it is held by another entry of the same owner, token 'their-token'`);
  const old = await remove(id, { owner: OTHER, token: 'their-token' });
  expect(old).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('nothing is done') });
  expect(await capsOf(id)).toEqual(CAPS);
});

test('deletes its own, releases what is to be retained, and is content when it is gone', async () => {
  const id = 'steps-removed';
  await runScriptWell('ceph-client', 'ensure', spec(id));
  const secret = await secretOf(id);
  expect((await remove(id, { removalPolicy: 'retain' })).exitCode).toBe(0);
  expect([await secretOf(id), (await markOf(id)).token]).toEqual([secret, '']);
  expect(await runScriptWell('ceph-client', 'ensure', spec(id))).not.toContain('Warning');
  expect(await secretOf(id)).toBe(secret);
  expect((await remove(id)).exitCode).toBe(0);
  await expect(secretOf(id)).rejects.toThrow('ENOENT');
  await expect(markOf(id)).rejects.toThrow('ENOENT');
  expect(await remove(id)).toMatchObject({ exitCode: 0, stdout: `client '${id}': it is gone already` });
});
