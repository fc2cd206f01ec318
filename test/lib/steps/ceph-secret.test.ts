import type { CephSecretRemoval, CephSecretSpec } from '../../../lib/model';
import { cephSecret } from '../../../lib/steps/ceph-secret';
import type { FakeCeph } from '../../helpers/fake-ceph';
import type { FakeHost } from '../../helpers/fake-host';
import type { FakeRun } from '../../helpers/fake-run';
import { fakeWorld } from '../../helpers/fake-world';

const OWNER = { project: 'p', stack: 's', workspace: 'default' };
const SPEC: CephSecretSpec = {
  v: 1,
  owner: OWNER,
  entryId: 'entry',
  cluster: { monitors: ['127.0.0.1:6789'], transport: { type: 'local' } },
  host: { uri: 'qemu:///system', transport: { type: 'local' } },
  usage: 'client.libvirt secret',
  uuid: '33333333-3333-5333-8333-333333333333',
  entity: 'client.libvirt',
  private: true,
};
const REMOVAL: CephSecretRemoval = { ...SPEC, entryId: 'entry' };
const KEY_MARK = 'cdktf-libvirt-ceph/client/libvirt';

let ceph: FakeCeph;
let host: FakeHost;
let run: FakeRun;

beforeEach(async () => {
  ({ ceph, host, run } = await fakeWorld());
  rotate('g1');
});

function rotate(keyId: string): void {
  ceph.keys.set(KEY_MARK, JSON.stringify({ v: 1, owner: OWNER, id: 'client.libvirt', entryId: 't', keyId }));
}

const held = (): string | undefined => host.secrets.get(SPEC.uuid)?.value;
/** The commands that change something. */
const changes = (): string[] => host.calls.filter((call) => !call.startsWith('secret-list'));

test('the key travels through one pipe, between the definition and the note of which key it was', async () => {
  expect(await run.ensure(cephSecret, SPEC)).not.toHaveProperty('failed');
  const define = 'secret-define /dev/stdin';
  expect(changes()).toEqual([define, `secret-set-value ${SPEC.uuid} --file /dev/stdin`, define]);
  expect(held()).toBe('the key');
  expect(await run.verify(cephSecret, SPEC)).toEqual([]);
});

test('an unchanged secret takes one call, and its value is read back when that is possible', async () => {
  const readable = { ...SPEC, private: false };
  await run.ensure(cephSecret, readable);
  host.calls.length = 0;
  expect(await run.ensure(cephSecret, readable)).toEqual({ said: [] });
  expect(host.calls).toEqual([`secret-list; secret-dumpxml ${SPEC.uuid}`, `secret-get-value ${SPEC.uuid}`]);
});

test('a run killed before the value was set is detected, because the note is missing', async () => {
  host.before = (line) => {
    if (line.startsWith('secret-set-value')) throw new Error('killed');
  };
  expect(await run.ensure(cephSecret, SPEC)).toMatchObject({ failed: expect.stringContaining('killed') });
  expect(await run.verify(cephSecret, SPEC)).toEqual(['the key of client.libvirt was not set']);
});

test('a new key is detected by its keyId, also for a private secret, and set', async () => {
  await run.ensure(cephSecret, SPEC);
  ceph.clients.set('client.libvirt', { caps: {}, key: 'a new key' });
  rotate('g2');
  expect(await run.verify(cephSecret, SPEC)).toEqual(['it holds an older key of client.libvirt']);
  await run.ensure(cephSecret, SPEC);
  expect(held()).toBe('a new key');
});

test('a different value is detected when it can be read back', async () => {
  const readable = { ...SPEC, private: false };
  await run.ensure(cephSecret, readable);
  const secret = host.secrets.get(SPEC.uuid);
  if (secret) secret.value = 'something else';
  expect(await run.verify(cephSecret, readable)).toEqual(['its value is not the key of client.libvirt']);
  if (secret) delete secret.value;
  expect(await run.verify(cephSecret, readable)).toEqual(['it has no value']);
  await run.ensure(cephSecret, readable);
  expect(held()).toBe('the key');
});

test('fails when the value set is not the key that Ceph has now, and does not count it as set', async () => {
  ceph.before = ({ method }) => {
    if (method === 'keyDigest' && held() !== undefined) ceph.clients.set('client.libvirt', { caps: {}, key: 'newer' });
  };
  expect(await run.ensure(cephSecret, SPEC)).toMatchObject({
    failed: expect.stringContaining('does not hold the current key of client.libvirt'),
  });
  expect(await run.verify(cephSecret, SPEC)).toEqual(['the key of client.libvirt was not set']);
});

test('fails for a client that Ceph does not know, and creates nothing', async () => {
  ceph.clients.clear();
  expect(await run.ensure(cephSecret, SPEC)).toMatchObject({
    failed: expect.stringContaining("'client.libvirt', which does not exist in Ceph; create that client first"),
  });
  expect(changes()).toEqual([]);
});

test('fails for a foreign secret without adopt, and with adopt takes it over with its UUID', async () => {
  const uuid = '44444444-4444-4444-8444-444444444444';
  await run.ensure(cephSecret, { ...SPEC, uuid });
  const foreign = host.secrets.get(uuid);
  if (foreign) foreign.definition.children.splice(1, 1);
  expect(await run.ensure(cephSecret, SPEC)).toMatchObject({
    failed: expect.stringContaining(`set 'adopt: true' to take it over, or 'virsh secret-undefine ${uuid}' clears`),
  });
  expect(await run.ensure(cephSecret, { ...SPEC, adopt: true })).not.toHaveProperty('failed');
  expect([...host.secrets.keys()]).toEqual([uuid]);
});

test('takes a secret back after a lost state, names the old entry, which then removes nothing', async () => {
  await run.ensure(cephSecret, { ...SPEC, entryId: 'lost' });
  const { said } = await run.ensure(cephSecret, SPEC);
  expect(said[0]).toContain("Warning: secret 'client.libvirt secret' is taken back from the entry 'lost'");
  expect((await run.remove(cephSecret, { ...REMOVAL, entryId: 'lost' })).said).toEqual([
    "secret 'client.libvirt secret' does not (or no longer) belong to this entry, so it is kept",
  ]);
  await run.remove(cephSecret, REMOVAL);
  expect(host.secrets.size).toBe(0);
});

test('a retained secret keeps its value, and its mark lets anybody adopt it', async () => {
  await run.ensure(cephSecret, SPEC);
  await run.remove(cephSecret, { ...REMOVAL, removalPolicy: 'retain' });
  expect(held()).toBe('the key');
  expect(JSON.stringify(host.secrets.get(SPEC.uuid)?.definition)).toContain('\\"entryId\\":\\"\\"');
});

test('fails for an entity without its type and for a usage with a quote', () => {
  expect(() => cephSecret.parseSpec({ ...SPEC, entity: 'libvirt' })).toThrow(`the field 'entity'`);
  expect(() => cephSecret.parseSpec({ ...SPEC, usage: `a'b` })).toThrow(`the field 'usage'`);
});
