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
const key = (name: string): string => `cdktf-libvirt-ceph/pool/${name}`;
const spec = (name: string, more: object = {}): object => ({ cluster: clusterSpec(lab()), name, ...more });
const ensure = (name: string, more: object = {}) => runScript('ceph-pool', 'ensure', spec(name, more));
const remove = (name: string, more: object = {}) =>
  runScript('ceph-pool', 'remove', spec(name, { removalPolicy: 'retain', ...more }));
const ceph = (...args: string[]): Promise<string> => cephTool(lab(), 'ceph', ...args);
const markOf = async (name: string): Promise<any> => JSON.parse(await ceph('config-key', 'get', key(name)));
const setMark = (name: string, mark: object): Promise<string> =>
  ceph('config-key', 'set', key(name), JSON.stringify(mark));

async function detail(name: string): Promise<any> {
  const pools = (await cephJson(lab(), 'osd', 'pool', 'ls', 'detail')) as { pool_name: string }[];
  return pools.find((pool) => pool.pool_name === name);
}

async function deletionAllowed(allowed: boolean): Promise<void> {
  await ceph('config', 'set', 'mon', 'mon_allow_pool_delete', String(allowed));
}

async function clean(): Promise<void> {
  await deletionAllowed(true);
  for (const name of (await ceph('osd', 'pool', 'ls')).split('\n').filter((one) => one.startsWith('steps-pool-'))) {
    await ceph('osd', 'pool', 'delete', name, name, '--yes-i-really-really-mean-it');
  }
  for (const one of (await cephJson(lab(), 'config-key', 'ls')) as string[]) {
    if (one.startsWith(key('steps-pool-'))) await ceph('config-key', 'rm', one);
  }
  await ceph('config', 'rm', 'mon', 'mon_allow_pool_delete');
}

beforeAll(clean);
afterAll(clean);

test('creates a pool for rbd with its PGs, marks it, and does nothing the second time', async () => {
  await runScriptWell('ceph-pool', 'ensure', spec('steps-pool-a', { pgNum: 8 }));
  const pool = await detail('steps-pool-a');
  expect(pool).toMatchObject({ pg_num: 8, pg_autoscale_mode: 'off', application_metadata: { rbd: {} } });
  expect(await markOf('steps-pool-a')).toMatchObject({ owner: OWNER, entryId: TOKEN, id: String(pool.pool_id) });
  expect(await runScriptWell('ceph-pool', 'ensure', spec('steps-pool-a', { pgNum: 8 }))).toBe('');
  expect(await verifyScript('ceph-pool', spec('steps-pool-a', { pgNum: 8 }))).toMatchObject({ ok: true, differs: [] });
});

test('raises values that are too low, and never lowers any', async () => {
  await runScriptWell('ceph-pool', 'ensure', spec('steps-pool-a', { pgNum: 16, size: 2, bulk: true }));
  expect(await detail('steps-pool-a')).toMatchObject({ pg_num_target: 16, size: 2 });
  expect((await detail('steps-pool-a')).flags_names).toContain('bulk');
  const out = await runScriptWell('ceph-pool', 'ensure', spec('steps-pool-a', { pgNum: 8, size: 1 }));
  expect(out).toMatch(
    /^Warning: pool 'steps-pool-a': its pg_num is 16 and is not lowered to 8; to lower it: ceph osd pool set/m,
  );
  expect(await detail('steps-pool-a')).toMatchObject({ pg_num_target: 16, size: 2 });
});

test('finds and repairs everything that was damaged by hand', async () => {
  const name = 'steps-pool-damaged';
  await runScriptWell('ceph-pool', 'ensure', spec(name, { pgNum: 8 }));
  await ceph('osd', 'pool', 'set', name, 'pg_autoscale_mode', 'on');
  await ceph('osd', 'pool', 'application', 'disable', name, 'rbd', '--yes-i-really-mean-it');
  const found = await verifyScript('ceph-pool', spec(name, { pgNum: 8 }));
  expect(found.differs.map(({ differs }) => differs)).toEqual([
    `the application 'rbd' is not enabled`,
    'its pg_autoscale_mode is on, not off',
  ]);
  await runScriptWell('ceph-pool', 'ensure', spec(name, { pgNum: 8 }));
  await deletionAllowed(true);
  await ceph('osd', 'pool', 'delete', name, name, '--yes-i-really-really-mean-it');
  expect((await verifyScript('ceph-pool', spec(name))).differs[1]).toMatchObject({ differs: 'it is missing' });
  await runScriptWell('ceph-pool', 'ensure', spec(name, { pgNum: 8 }));
  expect(await verifyScript('ceph-pool', spec(name, { pgNum: 8 }))).toMatchObject({ ok: true });
});

test('resumes after a kill before the pool, and after a kill before the mark was completed', async () => {
  const name = 'steps-pool-killed';
  const intent = { v: 1, owner: OWNER, entryId: TOKEN, id: '' };
  await setMark(name, intent);
  await runScriptWell('ceph-pool', 'ensure', spec(name, { pgNum: 8 }));
  await setMark(name, intent);
  await runScriptWell('ceph-pool', 'ensure', spec(name, { pgNum: 8 }));
  expect((await markOf(name)).id).toBe(String((await detail(name)).pool_id));
});

test('fails for a pool that is not ours, and takes it with its data when told to adopt it', async () => {
  const name = 'steps-pool-foreign';
  await ceph('osd', 'pool', 'create', name, '8');
  await cephTool(lab(), 'rbd', 'create', '--size', '1', `${name}/data`);
  const refused = await ensure(name);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toBe(
    `error[unmarked]: pool '${name}' already exists and does not belong to this stack; set 'adopt: true' to take it over with its data, or use another name`,
  );
  await expect(ceph('config-key', 'get', key(name))).rejects.toThrow('ENOENT');
  await runScriptWell('ceph-pool', 'ensure', spec(name, { adopt: true }));
  expect(await cephTool(lab(), 'rbd', 'ls', name)).toBe('data');
  expect(await verifyScript('ceph-pool', spec(name))).toMatchObject({ ok: true });
});

test('fails for a pool of another application, also when told to adopt it', async () => {
  await ceph('osd', 'pool', 'create', 'steps-pool-rgw', '8');
  await ceph('osd', 'pool', 'application', 'enable', 'steps-pool-rgw', 'rgw');
  const { stderr } = await ensure('steps-pool-rgw', { adopt: true });
  expect(stderr).toContain(`pool 'steps-pool-rgw' is used by 'rgw', not by rbd; use another name`);
  await expect(markOf('steps-pool-rgw')).rejects.toThrow('ENOENT');
});

test('fails to adopt with a CRUSH rule that does not exist, and marks nothing', async () => {
  await ceph('osd', 'pool', 'create', 'steps-pool-crush', '1');
  const { stderr } = await ensure('steps-pool-crush', { adopt: true, crushRule: 'nope' });
  expect(stderr).toContain(`the CRUSH rule 'nope' does not exist`);
  await expect(markOf('steps-pool-crush')).rejects.toThrow('ENOENT');
});

test('fails for what another owner has not released, and ignores a mark that names another pool', async () => {
  const name = 'steps-pool-theirs';
  await runScriptWell('ceph-pool', 'ensure', spec(name, { owner: OTHER, entryId: 'their-entry', pgNum: 8 }));
  const { stderr, exitCode } = await ensure(name, { adopt: true });
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining(`belongs to project 'somebody-else'`)]);
  await setMark(name, { ...(await markOf(name)), id: '4711' });
  expect((await ensure(name)).stderr).toContain('already exists and does not belong to this stack');
});

test('takes back what another entry of the same owner held, and prints the old entry', async () => {
  const out = await runScriptWell('ceph-pool', 'ensure', spec('steps-pool-a', { entryId: 'another-entry' }));
  expect(out).toContain(`Warning: pool 'steps-pool-a' is taken back from the entry '${TOKEN}'`);
  const old = await remove('steps-pool-a', { removalPolicy: 'delete' });
  expect(old).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('so it is kept') });
  expect(await detail('steps-pool-a')).toBeDefined();
  await runScriptWell('ceph-pool', 'ensure', spec('steps-pool-a'));
});

test('releases a retained pool, which its owner takes back silently, and others by adopting', async () => {
  const name = 'steps-pool-kept';
  await runScriptWell('ceph-pool', 'ensure', spec(name, { pgNum: 8 }));
  expect((await remove(name)).exitCode).toBe(0);
  expect(await detail(name)).toBeDefined();
  expect((await markOf(name)).entryId).toBe('');
  expect((await ensure(name, { owner: OTHER })).stderr).toContain('was released by project');
  expect(await runScriptWell('ceph-pool', 'ensure', spec(name))).not.toContain('Warning');
  await remove(name);
  await runScriptWell('ceph-pool', 'ensure', spec(name, { owner: OTHER, adopt: true }));
  expect((await markOf(name)).owner).toEqual(OTHER);
});

test('deletes only where the cluster allows it, and says how to allow it', async () => {
  const name = 'steps-pool-gone';
  await runScriptWell('ceph-pool', 'ensure', spec(name, { pgNum: 8 }));
  await deletionAllowed(false);
  const refused = await remove(name, { removalPolicy: 'delete' });
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain(`'ceph config set mon mon_allow_pool_delete true' allows it`);
  await deletionAllowed(true);
  expect((await remove(name, { removalPolicy: 'delete' })).exitCode).toBe(0);
  expect(await detail(name)).toBeUndefined();
  await expect(ceph('config-key', 'get', key(name))).rejects.toThrow('ENOENT');
  expect((await remove(name, { removalPolicy: 'delete' })).exitCode).toBe(0);
});

test('never deletes a pool that holds anything: images, trash, the data of other pools, other objects', async () => {
  const name = 'steps-pool-full';
  await deletionAllowed(true);
  await runScriptWell('ceph-pool', 'ensure', spec(name, { pgNum: 8 }));
  const refusal = async (): Promise<string> => (await remove(name, { removalPolicy: 'delete' })).stderr;
  await cephTool(lab(), 'rbd', 'create', '--size', '1', `${name}/data`);
  expect(await refusal()).toContain('it still holds images (data); remove these first');
  await cephTool(lab(), 'rbd', 'trash', 'mv', `${name}/data`);
  expect(await refusal()).toContain('images in its trash (data)');
  await cephTool(lab(), 'rbd', 'trash', 'purge', name, '--no-progress');
  await cephTool(lab(), 'rbd', 'namespace', 'create', `${name}/space`);
  expect(await refusal()).toContain('namespaces (space)');
  await cephTool(lab(), 'rbd', 'namespace', 'remove', `${name}/space`);
  await cephTool(lab(), 'rados', '--pool', name, 'put', 'rbd_data.2.abc.0', '/etc/hostname');
  expect(await refusal()).toContain(`objects that are not RBD's records (rbd_data.2.abc.0)`);
  await cephTool(lab(), 'rados', '--pool', name, 'rm', 'rbd_data.2.abc.0');
  expect((await remove(name, { removalPolicy: 'delete' })).exitCode).toBe(0);
});

test('fails for monitors of another cluster, and names the right ones', async () => {
  const cluster = { ...clusterSpec(lab()), monitors: ['192.0.2.7:6789'] };
  const { stderr } = await ensure('steps-pool-a', { cluster });
  expect(stderr).toContain('192.0.2.7:6789 is not a monitor of the cluster that');
  expect(stderr).toContain(lab().monitors[0] as string);
});

test('fails for an unknown CRUSH rule, and for an incomplete spec', async () => {
  expect((await ensure('steps-pool-a', { crushRule: 'nope' })).stderr).toContain(
    `the CRUSH rule 'nope' does not exist; 'ceph osd crush rule ls'`,
  );
  expect((await ensure('a b')).stderr).toMatch(
    /^error\[spec\]: ceph-pool: the field 'name' of the spec is wrong: is not a name that Ceph accepts$/,
  );
});
