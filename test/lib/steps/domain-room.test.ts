import { domainXml } from '../../../lib/render/domain/xml';
import { room } from '../../../lib/steps/domain/room';
import { DOMAIN } from '../../helpers/domain-spec';
import { FakeLibvirt } from '../../helpers/fake-libvirt';

const SPEC = { ...DOMAIN, driver: 'provider', running: false } as const;
const { owner, name, entryId } = DOMAIN;
const fake = (state: string, entryId: string): FakeLibvirt =>
  new FakeLibvirt(
    (done) => (done.some((one) => one.startsWith('destroy')) ? 'shut off (destroyed)' : state),
    domainXml(DOMAIN, JSON.stringify({ v: 1, owner, id: name, entryId })),
  );
afterEach(() => jest.useRealTimers());

describe('PROVIDER: what has the name of the VM to come', () => {
  test.each([
    ['running (booted)', true],
    ['paused (user)', true],
    ['running (migrated)', false],
  ])('fails when another state of the stack has it: %s, persistent: %s', async (state, persistent) => {
    const libvirt = fake(state, 'older');
    libvirt.persistent = persistent;
    const refused = /another state of this stack made it \(entry older\); .*'cdktf-libvirt-ceph import-blocks'/;
    await expect(room.observe(SPEC, libvirt.tools)).rejects.toThrow(refused);
    await expect(room.act(SPEC, libvirt.tools)).rejects.toThrow(refused);
    expect(libvirt.commands).toEqual([]);
  });

  test.each([
    ['our own', entryId, true],
    ["what the provider's delete left of another state's: it has no definition", 'older', false],
  ])('makes room: %s', async (_, entryId, persistent) => {
    const libvirt = fake('crashed', entryId);
    libvirt.persistent = persistent;
    await room.act(SPEC, libvirt.tools);
    expect(libvirt.commands[0]).toBe('destroy web1');
  });
});
