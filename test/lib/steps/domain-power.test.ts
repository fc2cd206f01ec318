import { domainXml } from '../../../lib/render/domain/xml';
import { detachLive } from '../../../lib/steps/disk/detach';
import { observeDomain } from '../../../lib/steps/domain/observe';
import { bringDown, bringUp } from '../../../lib/steps/domain/power';
import { DOMAIN } from '../../helpers/domain-spec';
import { FakeLibvirt } from '../../helpers/fake-libvirt';

const SPEC = { ...DOMAIN, shutdownTimeout: '30 seconds' };
const fake = (state: (commands: readonly string[]) => string | undefined): FakeLibvirt =>
  new FakeLibvirt(state, domainXml(DOMAIN, '{}'));
const up = async (libvirt: FakeLibvirt): Promise<void> => {
  const found = await observeDomain(libvirt.tools, SPEC.host, SPEC.name);
  if (found) await bringUp(SPEC, found, libvirt.tools);
};
afterEach(() => jest.useRealTimers());

describe('a VM is brought down', () => {
  test('by a shutdown that is asked for again: a guest that boots hears none', async () => {
    const libvirt = fake((done) => (done.length < 2 ? 'running (booted)' : 'shut off (shutdown)'));
    await bringDown(SPEC, libvirt.tools);
    expect(libvirt.commands).toEqual(['shutdown web1', 'shutdown web1']);
  });

  test('by its power switch when its time is over, which is said', async () => {
    const libvirt = fake((done) => (done.includes('destroy web1') ? 'shut off (destroyed)' : 'running (booted)'));
    await bringDown(SPEC, libvirt.tools);
    expect(libvirt.commands).toEqual(['shutdown web1', 'shutdown web1', 'shutdown web1', 'destroy web1']);
    expect(libvirt.said.at(-1)).toBe(
      "Warning: VM 'web1' did not shut down within 30 seconds: switching it off, as by its power switch",
    );
  });

  test.each([
    ['paused (user)', ['resume web1', 'shutdown web1']],
    ['paused (I/O error)', ['resume web1', 'shutdown web1']],
    ['pmsuspended', ['dompmwakeup web1', 'shutdown web1']],
    ['in shutdown', ['shutdown web1']],
    ['crashed (panicked)', ['destroy web1']],
    ['paused (migrating)', ['destroy web1']],
  ])('from %s', async (first, commands) => {
    const libvirt = fake((done) =>
      done.some((one) => /^(shutdown|destroy)/.test(one))
        ? undefined
        : done.length === 0
          ? first
          : 'running (unpaused)',
    );
    await bringDown(SPEC, libvirt.tools);
    expect(libvirt.commands).toEqual(commands);
  });
});

describe('a VM is brought up', () => {
  test.each([
    ['shut off (shutdown)', ['start web1']],
    ['paused (user)', ['resume web1']],
    ['pmsuspended', ['dompmwakeup web1']],
    ['crashed (panicked)', ['destroy web1', 'start web1']],
    ['in shutdown', ['shutdown web1', 'start web1']],
  ])('from %s', async (first, commands) => {
    const libvirt = fake((done) => (done.length === 0 ? first : 'shut off (shutdown)'));
    await up(libvirt);
    expect(libvirt.commands).toEqual(commands);
  });

  test('fails while libvirt is at work on it', async () => {
    const libvirt = fake(() => 'paused (migrating)');
    await expect(up(libvirt)).rejects.toThrow("VM 'web1' is paused (migrating); wait until that is over");
    expect(libvirt.commands).toEqual([]);
  });
});

test('fails when the guest does not let go of a disk, after it was asked again and again', async () => {
  const libvirt = fake(() => 'running (booted)');
  const place = { host: DOMAIN.host, domain: 'web1', target: 'vda' };
  await expect(detachLive(place, () => true, libvirt.tools)).rejects.toThrow(
    "the guest of VM 'web1' has not let go of disk vda within 60 s; unmount it in the guest",
  );
  expect(libvirt.commands).toEqual(Array.from({ length: 6 }, () => 'detach-disk web1 vda --live'));
});

test('fails on a name that virsh takes for that of another VM', async () => {
  const libvirt = fake(() => 'running (booted)');
  await expect(observeDomain(libvirt.tools, DOMAIN.host, 'other')).rejects.toThrow(
    "takes 'other' for the number or UUID",
  );
});
