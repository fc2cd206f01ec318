import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { stableUuid } from '../../../lib/model';
import {
  cephTool,
  clusterSpec,
  hostSpec,
  OWNER,
  runScript,
  runScriptWell,
  TOKEN,
  useLab,
  verifyScript,
  virsh,
} from '../../helpers/lab';

const lab = useLab();
const ENTITY = 'client.t-secret';
const USAGE = 't-secret  usage';
const UUID = stableUuid('ceph-secret', USAGE);
const MARK_KEY = 'cdktf-libvirt-ceph/client/t-secret';
const OTHER = { project: 'other', stack: 'steps', workspace: 'default' };

const spec = (more: object = {}): object => ({
  cluster: clusterSpec(lab()),
  host: hostSpec(lab()),
  usage: USAGE,
  uuid: UUID,
  entity: ENTITY,
  private: true,
  ...more,
});
const removal = (more: object = {}): object => ({ host: hostSpec(lab()), usage: USAGE, uuid: UUID, ...more });
const key = async (): Promise<string> => (await cephTool(lab(), 'ceph', 'auth', 'get-key', ENTITY)).trim();
const xml = (uuid = UUID): Promise<string> => virsh(lab(), 0, 'secret-dumpxml', uuid);
const value = async (): Promise<string> => (await virsh(lab(), 0, 'secret-get-value', UUID)).trim();

/** Defines a secret as a person would, and gives it a value. */
async function byHand(uuid: string, isPrivate: 'yes' | 'no'): Promise<void> {
  const definition = `<secret ephemeral='no' private='${isPrivate}'><uuid>${uuid}</uuid><description>by hand</description>
    <usage type='ceph'><name>${USAGE}</name></usage></secret>`;
  await virshReading(definition, 'secret-define', '/dev/stdin');
  await setValueByHand(uuid);
}

async function clear(): Promise<void> {
  const listed = (await virsh(lab(), 0, 'secret-list')).split('\n').filter((line) => line.includes(USAGE));
  for (const line of listed) await virsh(lab(), 0, 'secret-undefine', line.trim().split(/\s+/)[0] as string);
}

beforeAll(async () => {
  await cephTool(lab(), 'ceph', 'auth', 'get-or-create', ENTITY, 'mon', 'profile rbd');
});
beforeEach(clear);
afterAll(async () => {
  await clear();
  await cephTool(lab(), 'ceph', 'auth', 'del', ENTITY);
  await cephTool(lab(), 'ceph', 'config-key', 'rm', MARK_KEY);
});

/** Such as a terminal does it: virsh can't open the socket that Node gives as standard input. */
async function virshReading(input: string, ...args: string[]): Promise<void> {
  const uri = lab().hosts[0]?.virshUri ?? '';
  await execa('sh', ['-c', 'cat | virsh --connect "$@"', 'sh', uri, ...args], { input });
}

async function setValueByHand(uuid: string): Promise<void> {
  await virshReading('QUJD', 'secret-set-value', uuid, '--file', '/dev/stdin');
}

test('seed 5, 6: a private secret is defined with its mark and holds the key, and nothing differs afterwards', async () => {
  await runScriptWell('ceph-secret', 'ensure', spec());
  expect(await virsh(lab(), 0, 'secret-list')).toContain(`${UUID}   ceph ${USAGE}`);
  expect(await xml()).toContain(`<secret ephemeral='no' private='yes'>`);
  expect(await xml()).toContain('The key of client.t-secret, kept by cdktf-libvirt-ceph.');
  expect(await xml()).toContain(TOKEN);
  expect(await verifyScript('ceph-secret', spec())).toMatchObject({ ok: true });
});

test('seed 6: a secret that is not private holds exactly the key of the client', async () => {
  await runScriptWell('ceph-secret', 'ensure', spec({ private: false }));
  expect(await value()).toBe(await key());
});

test("the definition is valid against libvirt's schema", async () => {
  await runScriptWell('ceph-secret', 'ensure', spec());
  const file = join(await mkdtemp(join(tmpdir(), 'secret-')), 'secret.xml');
  await writeFile(file, await xml());
  await expect(execa('virt-xml-validate', [file, 'secret'])).resolves.toMatchObject({ exitCode: 0 });
});

test('the key is in no output, on success and on failure', async () => {
  const results = [
    await runScript('ceph-secret', 'ensure', spec()),
    await runScript('ceph-secret', 'ensure', spec({ private: false })),
    await runScript('ceph-secret', 'verify', spec({ private: false })),
    await runScript(
      'ceph-secret',
      'ensure',
      spec({ host: { ...hostSpec(lab()), uri: 'qemu+unix:///system?socket=/nowhere' } }),
    ),
    await runScript('ceph-secret', 'remove', removal()),
  ];
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 1, 0]);
  const said = results.map(({ stdout, stderr }) => stdout + stderr).join('\n');
  expect(said).not.toContain(await key());
});

test('damage by hand is found and repaired: undefined, another value, another definition', async () => {
  const wanted = spec({ private: false });
  await runScriptWell('ceph-secret', 'ensure', wanted);
  await clear();
  expect((await verifyScript('ceph-secret', wanted)).differs).toContainEqual({
    step: 'define it',
    differs: 'it is missing',
  });
  await runScriptWell('ceph-secret', 'ensure', wanted);
  await setValueByHand(UUID);
  expect((await verifyScript('ceph-secret', wanted)).differs).toEqual([
    { step: 'store the key in it', differs: `its value is not the key of ${ENTITY}` },
  ]);
  await runScriptWell('ceph-secret', 'ensure', wanted);
  expect(await value()).toBe(await key());
  await byHand(UUID, 'no');
  await runScriptWell('ceph-secret', 'ensure', spec({ private: false, adopt: true }));
  expect(await value()).toBe(await key());
});

test('a wrong value of a private secret is replaced by each ensure, because it cannot be seen', async () => {
  await runScriptWell('ceph-secret', 'ensure', spec());
  await setValueByHand(UUID);
  expect(await runScriptWell('ceph-secret', 'ensure', spec())).toContain('a private value cannot be read back');
});

test('seed 7: an older key is detected by its keyId and replaced', async () => {
  const mark = { v: 1, owner: OWNER, id: ENTITY, entryId: TOKEN, keyId: 'first' };
  await cephTool(lab(), 'ceph', 'config-key', 'set', MARK_KEY, JSON.stringify(mark));
  await runScriptWell('ceph-secret', 'ensure', spec());
  expect(await verifyScript('ceph-secret', spec())).toMatchObject({ ok: true });
  await cephTool(lab(), 'ceph', 'config-key', 'set', MARK_KEY, JSON.stringify({ ...mark, keyId: 'second' }));
  expect((await verifyScript('ceph-secret', spec())).differs).toEqual([
    { step: 'store the key in it', differs: `it holds an older key of ${ENTITY}` },
  ]);
  await runScriptWell('ceph-secret', 'ensure', spec());
  expect(await verifyScript('ceph-secret', spec())).toMatchObject({ ok: true });
});

test('private and readable can be changed into each other', async () => {
  await runScriptWell('ceph-secret', 'ensure', spec());
  await runScriptWell('ceph-secret', 'ensure', spec({ private: false }));
  expect(await value()).toBe(await key());
  await runScriptWell('ceph-secret', 'ensure', spec());
  expect(await xml()).toContain(`private='yes'`);
});

test('fails for a secret that it did not create, and adopt takes it over with its UUID', async () => {
  const uuid = '11111111-2222-4333-8444-555555555555';
  await byHand(uuid, 'no');
  const refused = await runScript('ceph-secret', 'ensure', spec());
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain(`'virsh secret-undefine ${uuid}' clears the usage`);
  expect(await xml(uuid)).toContain('by hand');
  await runScriptWell('ceph-secret', 'ensure', spec({ private: false, adopt: true }));
  expect((await virsh(lab(), 0, 'secret-get-value', uuid)).trim()).toBe(await key());
  const adopted = await xml(uuid);
  await runScriptWell('ceph-secret', 'remove', removal({ removalPolicy: 'retain' }));
  await runScriptWell('ceph-secret', 'ensure', spec({ private: false, adopt: true }));
  expect(await xml(uuid)).toBe(adopted);
  await runScriptWell('ceph-secret', 'remove', removal());
  expect(await virsh(lab(), 0, 'secret-list')).not.toContain(USAGE);
});

test('fails without adopt for one that was adopted with another UUID, because storage pools would not find it', async () => {
  const uuid = '11111111-2222-4333-8444-555555555555';
  await byHand(uuid, 'yes');
  await runScriptWell('ceph-secret', 'ensure', spec({ adopt: true }));
  const adopted = await xml(uuid);
  const refused = [await runScript('ceph-secret', 'ensure', spec())];
  await runScriptWell('ceph-secret', 'remove', removal({ removalPolicy: 'retain' }));
  const released = await xml(uuid);
  refused.push(await runScript('ceph-secret', 'ensure', spec()));
  for (const { exitCode, stderr } of refused) {
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `was adopted with the UUID ${uuid}; without 'adopt' it would have ${UUID}; keep 'adopt: true'`,
    );
  }
  expect(adopted).toContain(TOKEN);
  expect(await xml(uuid)).toBe(released);
});

test('fails for a secret of another owner, also with adopt', async () => {
  await runScriptWell('ceph-secret', 'ensure', { ...spec(), owner: OTHER, entryId: 'other' });
  const refused = await runScript('ceph-secret', 'ensure', spec({ adopt: true }));
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain(`belongs to project 'other'`);
});

test('the same owner takes its secret back after a lost state, with a warning, and the old entry removes nothing', async () => {
  await runScriptWell('ceph-secret', 'ensure', spec({ entryId: 'lost' }));
  expect(await runScriptWell('ceph-secret', 'ensure', spec())).toContain(
    `Warning: secret '${USAGE}' is taken back from the entry 'lost'`,
  );
  expect(await runScriptWell('ceph-secret', 'remove', removal({ entryId: 'lost' }))).toContain('so it is kept');
  expect(await xml()).toContain(TOKEN);
});

test('fails for a client that Ceph does not know, and creates nothing', async () => {
  const refused = await runScript('ceph-secret', 'ensure', spec({ entity: 'client.t-nobody' }));
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain(`'client.t-nobody', which does not exist in Ceph`);
  expect(await virsh(lab(), 0, 'secret-list')).not.toContain(USAGE);
});

test('removal refuses while a storage pool or a VM uses the secret, and succeeds when it is already gone', async () => {
  await runScriptWell('ceph-secret', 'ensure', spec());
  await virshReading(
    `<pool type='rbd'><name>t-secret-pool</name><source><host name='localhost'/><name>p</name>
      <auth type='ceph' username='x'><secret usage='${USAGE}'/></auth></source></pool>`,
    'pool-define',
    '/dev/stdin',
  );
  await virshReading(
    `<domain type='qemu'><name>t-secret-vm</name><memory>65536</memory><os><type>hvm</type></os><devices>
      <disk type='network'><source protocol='rbd' name='p/i'><host name='localhost'/>
      <auth username='x'><secret type='ceph' uuid='${UUID}'/></auth></source><target dev='vda'/></disk></devices></domain>`,
    'define',
    '/dev/stdin',
  );
  const refused = await runScript('ceph-secret', 'remove', removal());
  expect(await virsh(lab(), 0, 'secret-list')).toContain(USAGE);
  await virsh(lab(), 0, 'pool-undefine', 't-secret-pool');
  await virsh(lab(), 0, 'undefine', 't-secret-vm');
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain(`is used by VM 't-secret-vm', storage pool 't-secret-pool'`);
  await runScriptWell('ceph-secret', 'remove', removal());
  expect(await virsh(lab(), 0, 'secret-list')).not.toContain(USAGE);
  await runScriptWell('ceph-secret', 'remove', removal());
});
