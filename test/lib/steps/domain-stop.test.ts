import type { DomainStopRemoval } from '../../../lib/model';
import { domainXml } from '../../../lib/render/domain/xml';
import { domainStop, stop } from '../../../lib/steps/domain/stop';
import { DOMAIN } from '../../helpers/domain-spec';
import { FakeLibvirt } from '../../helpers/fake-libvirt';

const { owner, registry, name, host } = DOMAIN;
const SPEC: DomainStopRemoval = { v: 1, owner, token: 'its own', registry, name, host, shutdownTimeout: '30 seconds' };
const mark = (token: string): string => JSON.stringify({ v: 1, owner, id: name, token });
const fake = (state: string | undefined, token = registry): FakeLibvirt =>
  new FakeLibvirt(
    (done) => (done.some((one) => one.startsWith('shutdown')) ? 'shut off (shutdown)' : state),
    domainXml(DOMAIN, mark(token)),
  );
afterEach(() => jest.useRealTimers());

test('a VM that runs is shut down, and its definition left to the provider', async () => {
  const libvirt = fake('running (booted)');
  expect(await stop.observe(SPEC, libvirt.tools)).toEqual({ ok: false, differs: 'it is running' });
  await stop.act(SPEC, libvirt.tools);
  expect(libvirt.commands).toEqual(['shutdown web1']);
});

test.each([
  ['that is off', fake('shut off (destroyed)')],
  ['that is not there', fake(undefined)],
  ['that another state made', fake('running (booted)', 'another')],
])('nothing is done to a VM %s', async (_, libvirt) => {
  expect(await stop.observe(SPEC, libvirt.tools)).toEqual({ ok: true });
});

test('its spec needs the id of the entry that the VM is marked with', () => {
  expect(domainStop.parseRemoval(SPEC)).toMatchObject({ name, registry });
  expect(() => domainStop.parseRemoval({ ...SPEC, registry: undefined })).toThrow('registry');
  expect(() => domainStop.parseSpec(SPEC)).toThrow("'domain-stop' knows 'remove' only");
});
