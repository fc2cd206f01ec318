import type { StoragePoolRemoval, StoragePoolSpec } from '../../../lib/model';
import { storagePool } from '../../../lib/steps/storage-pool';
import { stepsByHand } from '../../../lib/steps/step';
import type { FakeHost } from '../../helpers/fake-host';
import type { FakeRun } from '../../helpers/fake-run';
import { fakeWorld } from '../../helpers/fake-world';

const SPEC: StoragePoolSpec = {
  v: 1,
  owner: { project: 'p', stack: 's', workspace: 'default' },
  entryId: 'entry',
  host: { uri: 'qemu:///system', transport: { type: 'local' } },
  name: 'storage',
  uuid: '33333333-3333-5333-8333-333333333333',
  cephPool: 'libvirt-pool',
  monitors: ['mon1'],
  clientId: 'libvirt',
  secretUsage: 'client.libvirt secret',
  autostart: true,
  driver: 'virsh',
};
const BY_PROVIDER = { ...SPEC, driver: 'provider' } as const;
const REMOVAL: StoragePoolRemoval = { ...SPEC, entryId: 'entry' };
const OTHER_UUID = '44444444-4444-4444-8444-444444444444';
const LOOK = 'pool-info storage; pool-dumpxml --inactive storage; pool-dumpxml storage';

let host: FakeHost;
let run: FakeRun;

beforeEach(async () => void ({ host, run } = await fakeWorld()));

/** Defining, building or starting a pool fails with this message of libvirt. */
function failing(said: string): void {
  host.before = (line) => {
    if (/^pool-(define|start|create) /.test(line)) throw new Error(said);
  };
}

test('a pool is defined, set to start with its host and started, and then one virsh call finds no difference', async () => {
  expect(await run.verify(storagePool, SPEC)).toEqual([
    'it is missing',
    'it does not start with its host',
    'it is not running',
  ]);
  await run.ensure(storagePool, SPEC);
  expect(host.pools.get('storage')).toMatchObject({ autostart: true, live: expect.anything() });
  host.calls.length = 0;
  expect(await run.ensure(storagePool, SPEC)).toEqual({ said: [] });
  expect(host.calls).toEqual([LOOK]);
});

test('a changed definition is amended and takes effect at once', async () => {
  await run.ensure(storagePool, SPEC);
  const changed = { ...SPEC, monitors: ['mon1', 'mon2'] };
  expect(await run.verify(storagePool, changed)).toEqual([
    "its list of monitors is 'mon1', not 'mon1, mon2'",
    "it runs with an earlier definition: its list of monitors is 'mon1', not 'mon1, mon2'",
  ]);
  await run.ensure(storagePool, changed);
  expect(await run.verify(storagePool, changed)).toEqual([]);
});

test('fails for a pool with another definition and UUID, and leaves it', async () => {
  await run.ensure(storagePool, { ...SPEC, uuid: OTHER_UUID, cephPool: 'other' });
  for (const spec of [SPEC, BY_PROVIDER]) {
    const { failed } = await run.ensure(storagePool, spec);
    expect(failed).toContain(
      `storage pool 'storage' already exists with uuid ${OTHER_UUID} and does not belong to this entry`,
    );
    expect(failed).toContain("'virsh pool-destroy storage' and 'virsh pool-undefine storage'");
  }
  expect((await run.remove(storagePool, REMOVAL)).said[0]).toContain('so it is kept');
  expect(host.pools.size).toBe(1);
});

test.each([
  [
    'internal error: missing backend for pool type 9 (rbd)',
    'install the Debian package libvirt-daemon-driver-storage-rbd',
  ],
  ["Secret not found: secret '1-2' does not have a value", `the secret 'client.libvirt secret' has no value`],
  [
    "failed to open the RBD image 'kid': No such file or directory",
    "client 'libvirt' cannot open image 'libvirt-pool/kid', so libvirt shows no image of the pool",
  ],
  ['failed to connect to the RADOS monitor on: mon1,: No such file or directory', 'tried mon1'],
])('fails on %j with its meaning, with either driver', async (said, told) => {
  failing(said);
  expect((await run.ensure(storagePool, SPEC)).failed).toContain(told);
  expect((await run.ensure(storagePool, BY_PROVIDER)).failed).toContain(told);
});

test('fails with the message of the tool when it is unknown', async () => {
  failing('out of memory');
  expect((await run.ensure(storagePool, SPEC)).failed).toContain("pool-define /dev/stdin' ended with 1: error: out of");
});

describe('When the provider defines the pool', () => {
  test('a trial pool without a definition is started and stopped before, so that we report what is wrong', async () => {
    await run.ensure(storagePool, BY_PROVIDER);
    expect(host.calls).toEqual([LOOK, 'pool-create /dev/stdin', 'pool-destroy storage']);
    expect(host.pools.size).toBe(0);
  });

  test('a matching pool is undefined so that the provider can create it, and verify accepts it', async () => {
    await run.ensure(storagePool, { ...SPEC, uuid: OTHER_UUID });
    expect(await run.verify(storagePool, BY_PROVIDER)).toEqual([]);
    await run.ensure(storagePool, BY_PROVIDER);
    expect(host.pools.size).toBe(0);
  });

  test('a pool that does not run, or runs with another definition, is reported', async () => {
    await run.ensure(storagePool, SPEC);
    delete host.pools.get('storage')?.live;
    expect(await run.verify(storagePool, { ...BY_PROVIDER, monitors: ['mon2'] })).toEqual([
      "its list of monitors is 'mon1', not 'mon2', it is not running",
    ]);
  });
});

test('removal deletes it with whatever definition an apply left, and does nothing the second time', async () => {
  await run.ensure(storagePool, SPEC);
  await run.remove(storagePool, { ...REMOVAL, cephPool: 'later' });
  expect(host.pools.size).toBe(0);
  expect(await run.remove(storagePool, REMOVAL)).toEqual({ said: [] });
});

test('refuses a name that would be an option, and an invalid monitor', () => {
  expect(() => storagePool.parseSpec({ ...SPEC, name: '--help' })).toThrow(`the field 'name'`);
  expect(() => storagePool.parseSpec({ ...SPEC, monitors: ['a b'] })).toThrow(`the field 'monitors.0'`);
});

test('a person types the definition of a free name, the autostart and the start', () => {
  const lines = stepsByHand(storagePool.ensure).flatMap((step) => step.describe(SPEC));
  const virsh = `virsh --connect ${SPEC.host.uri}`;
  expect(lines.slice(0, 2)).toEqual([
    `${virsh} pool-list --all --name | absent storage`,
    `${virsh} pool-define /dev/stdin <<'XML'`,
  ]);
  expect(lines.slice(-3)).toEqual(['XML', `${virsh} pool-autostart storage`, `${virsh} pool-start storage`]);
});
