import type { DomainSpec } from '../../../lib/model';
import { domain } from '../../../lib/steps/domain';
import { DOMAIN } from '../../helpers/domain-spec';
import type { FakeCeph } from '../../helpers/fake-ceph';
import type { FakeHost } from '../../helpers/fake-host';
import type { FakeRun } from '../../helpers/fake-run';
import { fakeWorld } from '../../helpers/fake-world';

let ceph: FakeCeph;
let host: FakeHost;
let run: FakeRun;

beforeEach(async () => {
  ({ ceph, host, run } = await fakeWorld({ 'pool/web1-root': 2 ** 20 }));
});

async function made(more: Partial<DomainSpec> = {}): Promise<DomainSpec> {
  const spec = { ...DOMAIN, ...more };
  expect(await run.ensure(domain, spec)).not.toHaveProperty('failed');
  return spec;
}

test('a VM is defined and started, and then one look at it and its cluster finds nothing to do', async () => {
  const spec = await made();
  expect(host.domains.get('web1')?.state).toBe('running (booted)');
  host.calls.length = 0;
  ceph.asked.length = 0;
  expect(await run.ensure(domain, spec)).toEqual({ said: [] });
  expect(host.calls).toHaveLength(1);
  expect(ceph.asked.map(({ method }) => method).sort()).toEqual(['clientCaps', 'image']);
});

test('a new VM is looked at before and after it is defined, and its images once more right before its start', async () => {
  await made();
  const words = host.calls.map((call) => call.split(' ')[0]);
  expect(words).toEqual(['domstate', 'domcapabilities', 'domstate', 'define', 'domstate', 'start']);
  const asked = ceph.asked.map(({ method }) => method);
  expect(asked.filter((method) => method !== 'createImage').sort()).toEqual([
    'clientCaps',
    ...['image', 'image', 'watchers'],
  ]);
});

test('with PROVIDER verify compares it as always, and ensure makes way for the provider', async () => {
  await made();
  const spec = { ...DOMAIN, driver: 'provider' } as const;
  expect(await run.verify(domain, spec)).toEqual([]);
  expect(await run.verify(domain, { ...spec, memory: '8 GiB' })).toEqual(['memory is 4 GiB, not 8 GiB']);
  // As after the provider's delete, which leaves a paused VM.
  const found = host.domains.get('web1');
  if (found) Object.assign(found, { definition: undefined, state: 'paused (user)' });
  expect(await run.ensure(domain, spec)).not.toHaveProperty('failed');
  expect(host.domains.size).toBe(0);
});

test('fails when its image or its pool is missing, and defines nothing', async () => {
  for (const gone of [ceph.poolOf('pool').images, ceph.pools]) {
    gone.clear();
    expect((await run.ensure(domain, DOMAIN)).failed).toContain("VM 'web1' needs image 'pool/web1-root' for disk vda");
  }
  expect(host.domains.size).toBe(0);
});

test('shuts down and undefines a VM that has left the code, and does nothing the second time', async () => {
  await made();
  expect(await run.remove(domain, { ...DOMAIN, entryId: 'another' })).toEqual({
    said: [expect.stringContaining("Warning: VM 'web1' is kept: it is marked by")],
  });
  await run.remove(domain, DOMAIN);
  expect(host.domains.size).toBe(0);
  expect(await run.remove(domain, DOMAIN)).toEqual({ said: [] });
});
