import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type HostSpec, stableUuid, type StoragePoolDefinition } from '../../../lib/model';
import { renderStoragePool } from '../../../lib/render/storage-pool';
import {
  cephTool,
  clusterSpec,
  hostSpec,
  runScript,
  runScriptWell,
  useLab,
  verifyScript,
  virsh,
} from '../../helpers/lab';

const lab = useLab();
const NAME = 't-storage';
const UUID = stableUuid('storage-pool', NAME);
const CEPH_POOL = 't-storage-pool';
const USAGE = 't-storage usage';
const FOREIGN_UUID = '11111111-2222-4333-8444-666666666666';

const definition = (): StoragePoolDefinition & { readonly host: HostSpec } => ({
  host: hostSpec(lab()),
  name: NAME,
  uuid: UUID,
  cephPool: CEPH_POOL,
  monitors: lab().monitors,
  clientId: 't-storage',
  secretUsage: USAGE,
});
const spec = (more: object = {}): object => ({ ...definition(), autostart: true, driver: 'virsh', ...more });
const secret = (): object => ({
  cluster: clusterSpec(lab()),
  host: hostSpec(lab()),
  usage: USAGE,
  uuid: stableUuid('ceph-secret', USAGE),
  entity: 'client.t-storage',
  private: true,
});
const ours = (...args: string[]): Promise<string> => virsh(lab(), 0, ...args);
const pools = (): Promise<string> => ours('pool-list', '--all');

async function byHand(uuid: string, extra = ''): Promise<void> {
  const xml = `<pool type='rbd'><name>${NAME}</name><uuid>${uuid}</uuid><source><host name='192.0.2.1'/>
    <name>${CEPH_POOL}</name></source>${extra}</pool>`;
  await virshWith(xml, 'pool-define');
}

async function virshWith(input: string, command: string): Promise<void> {
  const uri = lab().hosts[0]?.virshUri ?? '';
  await execa('sh', ['-c', 'cat | virsh --connect "$@"', 'sh', uri, command, '/dev/stdin'], { input });
}

async function clear(): Promise<void> {
  if (!(await pools()).includes(` ${NAME} `)) return;
  if (/^State: +running$/m.test(await ours('pool-info', NAME))) await ours('pool-destroy', NAME);
  await ours('pool-undefine', NAME);
}

beforeAll(async () => {
  const ceph = (...args: string[]): Promise<string> => cephTool(lab(), 'ceph', ...args);
  await ceph('osd', 'pool', 'create', CEPH_POOL, '8');
  await cephTool(lab(), 'rbd', 'pool', 'init', CEPH_POOL);
  await ceph('auth', 'get-or-create', 'client.t-storage', 'mon', 'profile rbd', 'osd', `profile rbd pool=${CEPH_POOL}`);
  await runScriptWell('ceph-secret', 'ensure', secret());
});
beforeEach(clear);
afterAll(async () => {
  await clear();
  await runScript('ceph-secret', 'remove', secret());
  await cephTool(lab(), 'ceph', 'auth', 'del', 'client.t-storage');
});

test('seed 8, 11: the pool runs, starts with its host, and lists and creates images', async () => {
  await runScriptWell('storage-pool', 'ensure', spec());
  const info = await ours('pool-info', NAME);
  expect(info).toMatch(/^State: +running$/m);
  expect(info).toMatch(/^Autostart: +yes$/m);
  await ours('vol-create-as', NAME, 't-volume', '4M');
  expect(await cephTool(lab(), 'rbd', 'ls', CEPH_POOL)).toContain('t-volume');
  await cephTool(lab(), 'rbd', 'rm', `${CEPH_POOL}/t-volume`);
  expect(await verifyScript('storage-pool', spec())).toMatchObject({ ok: true });
  expect(await runScriptWell('storage-pool', 'ensure', spec())).toBe('');
});

test("the definition with several monitors is valid against libvirt's schema", async () => {
  const monitors = [...lab().monitors, '127.0.0.2', '[2001:db8::13]:3300'];
  await runScriptWell('storage-pool', 'ensure', spec({ monitors }));
  const xml = await ours('pool-dumpxml', '--inactive', NAME);
  expect(xml.match(/<host /g)).toHaveLength(monitors.length);
  expect(xml).toContain(`<host name='2001:db8::13' port='3300'/>`);
  const file = join(await mkdtemp(join(tmpdir(), 'pool-')), 'pool.xml');
  await writeFile(file, xml);
  await expect(execa('virt-xml-validate', [file, 'storagepool'])).resolves.toMatchObject({ exitCode: 0 });
});

test('an inactive pool, as after a restart of libvirt, is found and started, and so is an undefined one', async () => {
  await runScriptWell('storage-pool', 'ensure', spec());
  await ours('pool-destroy', NAME);
  expect((await verifyScript('storage-pool', spec())).differs).toEqual([
    { step: 'start it', differs: 'it is not running' },
  ]);
  await runScriptWell('storage-pool', 'ensure', spec());
  await clear();
  expect((await verifyScript('storage-pool', spec())).ok).toBe(false);
  await runScriptWell('storage-pool', 'ensure', spec());
  expect(await verifyScript('storage-pool', spec())).toMatchObject({ ok: true });
});

test('a changed definition is amended and takes effect at once, and autostart can be turned off', async () => {
  await runScriptWell('storage-pool', 'ensure', spec());
  const changed = spec({ monitors: ['127.0.0.1:1', ...lab().monitors], autostart: false });
  expect(await runScriptWell('storage-pool', 'ensure', changed)).toContain('its list of monitors is');
  expect(await ours('pool-dumpxml', NAME)).toContain(`port='1'`);
  expect(await ours('pool-info', NAME)).toMatch(/^Autostart: +no$/m);
  expect(await verifyScript('storage-pool', changed)).toMatchObject({ ok: true });
});

test('fails for a storage pool that it did not create, and touches nothing', async () => {
  await byHand(FOREIGN_UUID);
  const refused = await runScript('storage-pool', 'ensure', spec());
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain(
    `'virsh pool-undefine ${NAME}': that removes only libvirt's view, no image is touched`,
  );
  expect(await ours('pool-dumpxml', NAME)).toContain('192.0.2.1');
});

test.each([
  ['a Ceph pool that is not there', { cephPool: 't-none' }, `the Ceph pool 't-none' does not exist`],
  ['a secret that is not there', { secretUsage: 't-none' }, `the host has no secret 't-none'`],
  ['the same before the provider', { driver: 'provider', cephPool: 't-none' }, `the Ceph pool 't-none' does not exist`],
])('fails on %s and says what to do', async (_, fault, message) => {
  const failed = await runScript('storage-pool', 'ensure', spec(fault));
  expect(failed.exitCode).toBe(1);
  expect(failed.stderr).toContain(message);
  await runScriptWell('storage-pool', 'ensure', spec());
});

test('fails when a libvirt daemon does not listen, and names the unit that does', async () => {
  const uri = 'qemu+unix:///system?socket=/run/libvirt/none/virtstoraged-sock';
  const { stderr } = await runScript('storage-pool', 'ensure', spec({ host: { ...hostSpec(lab()), uri } }));
  expect(stderr).toContain(
    "start libvirt on that host: 'systemctl enable --now virtstoraged.socket', then apply again",
  );
});

test('fails for a clone whose parent the client may not read, and names the image and the missing permission', async () => {
  const [parents, clone] = ['t-storage-parents', `${CEPH_POOL}/t-clone`];
  const rbd = (...args: string[]): Promise<string> => cephTool(lab(), 'rbd', ...args);
  await cephTool(lab(), 'ceph', 'osd', 'pool', 'create', parents, '8');
  await rbd('create', '--size', '1M', `${parents}/golden`);
  await rbd('snap', 'create', `${parents}/golden@base`);
  await rbd('clone', '--rbd-default-clone-format', '2', `${parents}/golden@base`, clone);
  const { exitCode, stderr } = await runScript('storage-pool', 'ensure', spec());
  await rbd('rm', clone);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`client 't-storage' cannot open image '${clone}', so libvirt shows no image of the pool`);
  expect(stderr).toContain(`'rbd info ${clone}' shows its parent and its data pool: let the client read there`);
  await runScriptWell('storage-pool', 'ensure', spec());
});

test('fails for monitors that do not answer, and names them', async () => {
  const started = Date.now();
  const failed = await runScript('storage-pool', 'ensure', spec({ monitors: ['192.0.2.1:6789', '192.0.2.2'] }));
  expect(failed.stderr).toContain('tried 192.0.2.1:6789, 192.0.2.2');
  expect(Date.now() - started).toBeLessThan(45_000);
});

test('removal removes the pool from libvirt and leaves the images, and succeeds a second time', async () => {
  await runScriptWell('storage-pool', 'ensure', spec());
  await ours('vol-create-as', NAME, 't-kept', '4M');
  await runScriptWell('storage-pool', 'remove', definition());
  expect(await pools()).not.toContain(NAME);
  expect(await cephTool(lab(), 'rbd', 'ls', CEPH_POOL)).toContain('t-kept');
  await cephTool(lab(), 'rbd', 'rm', `${CEPH_POOL}/t-kept`);
  await runScriptWell('storage-pool', 'remove', definition());
});

test('removal also removes a pool that an apply left with an earlier definition, and leaves one that is not ours', async () => {
  for (const later of [{ monitors: ['mon9'] }, { cephPool: 't-none' }]) {
    await runScriptWell('storage-pool', 'ensure', spec());
    await runScriptWell('storage-pool', 'remove', { ...definition(), ...later });
    expect(await pools()).not.toContain(NAME);
  }
  await byHand(FOREIGN_UUID);
  expect(await runScriptWell('storage-pool', 'remove', definition())).toContain('so it is kept');
  expect(await pools()).toContain(NAME);
});

test('a pool created by the provider is redefined under its own UUID, and recognized by it from then on', async () => {
  await runScriptWell('storage-pool', 'ensure', spec({ uuid: FOREIGN_UUID }));
  expect((await verifyScript('storage-pool', spec())).differs[0]?.differs).toContain(`its uuid is ${FOREIGN_UUID}`);
  await runScriptWell('storage-pool', 'ensure', spec());
  expect(await ours('pool-uuid', NAME)).toContain(UUID);
  expect(await verifyScript('storage-pool', spec())).toMatchObject({ ok: true });
});

describe('When the provider defines the pool', () => {
  test('a missing pool is left to the provider', async () => {
    await runScriptWell('storage-pool', 'ensure', spec({ driver: 'provider' }));
    expect(await pools()).not.toContain(NAME);
  });

  test('a trial pool killed before its end is stopped by the next one, and by a removal', async () => {
    for (const verb of ['ensure', 'remove'] as const) {
      await virshWith(renderStoragePool(definition()), 'pool-create');
      await runScriptWell('storage-pool', verb, verb === 'ensure' ? spec({ driver: 'provider' }) : definition());
      expect(await pools()).not.toContain(NAME);
    }
  });

  test('verify accepts a running pool under any UUID, and ensure undefines it for the provider', async () => {
    await runScriptWell('storage-pool', 'ensure', spec({ uuid: FOREIGN_UUID }));
    expect(await verifyScript('storage-pool', spec({ driver: 'provider' }))).toMatchObject({ ok: true });
    await runScriptWell('storage-pool', 'ensure', spec({ driver: 'provider' }));
    expect(await pools()).not.toContain(NAME);
  });

  test('fails for a pool with another definition', async () => {
    await byHand(FOREIGN_UUID);
    const refused = await runScript('storage-pool', 'ensure', spec({ driver: 'provider' }));
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(`storage pool '${NAME}' already exists with uuid ${FOREIGN_UUID}`);
    expect(await pools()).toContain(NAME);
  });
});
