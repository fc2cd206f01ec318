import { domainXml } from '../../../lib/render/domain/domain-xml';
import { clearForProvider } from '../../../lib/steps/domain/clear-for-provider';
import { observeWorld } from '../../../lib/steps/domain/lookup';
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

describe('With PROVIDER, an existing VM with the name of the new one', () => {
  test.each([
    ['running (booted)', true],
    ['paused (user)', true],
    ['running (migrated)', false],
  ])('fails the apply when another state of the stack has it: %s, persistent: %s', async (state, persistent) => {
    const libvirt = fake(state, 'older');
    libvirt.persistent = persistent;
    const refused = /another state of this stack created it \(entry older\); .*'cdktf-libvirt-ceph import-blocks'/;
    const world = await observeWorld(SPEC, libvirt.tools);
    expect(() => clearForProvider.judge(SPEC, world)).toThrow(refused);
    expect(libvirt.commands).toEqual([]);
  });

  test.each([
    ['our own', entryId, true],
    ["what the provider's delete left of another state's: it has no definition", 'older', false],
  ])('is removed by clearForProvider: %s', async (_, entryId, persistent) => {
    const libvirt = fake('crashed', entryId);
    libvirt.persistent = persistent;
    const world = await observeWorld(SPEC, libvirt.tools);
    expect(clearForProvider.judge(SPEC, world)).toMatchObject({ ok: false });
    await clearForProvider.act(SPEC, world, libvirt.tools);
    expect(libvirt.commands[0]).toBe('destroy web1');
  });

  test('makes clearForProvider fail when the provider has not deleted it before, as with -target', async () => {
    const libvirt = fake('running (booted)', entryId);
    const spec = { ...SPEC, uuid: '44444444-4444-5444-8444-444444444444' };
    const world = await observeWorld(spec, libvirt.tools);
    await expect(clearForProvider.act(spec, world, libvirt.tools)).rejects.toThrow("apply without '-target'");
    expect(libvirt.commands).toEqual([]);
  });
});
