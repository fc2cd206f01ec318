import { domainXml } from '../../../lib/render/domain/domain-xml';
import type { XmlElement } from '../../../lib/render/xml';
import { detachLive } from '../../../lib/steps/disk/detach';
import { observeDomain } from '../../../lib/steps/domain/observed-domain';
import { powerOff } from '../../../lib/steps/domain/power-off';
import { powerOn } from '../../../lib/steps/domain/power-on';
import { autostart } from '../../../lib/steps/domain/power-state';
import { observeWorld } from '../../../lib/steps/domain/lookup';
import { DOMAIN } from '../../helpers/domain-spec';
import { FakeLibvirt } from '../../helpers/fake-libvirt';

const SPEC = { ...DOMAIN, shutdownTimeout: '30 seconds' };
const fake = (state: (commands: readonly string[]) => string | undefined): FakeLibvirt =>
  new FakeLibvirt(state, domainXml(DOMAIN, '{}'));
/** The definition of a VM with these images; the spec has only the first. */
function withDisks(...images: readonly string[]): XmlElement {
  const disks = images.map((image, index) => [`vd${'ab'[index]}`, { image, bus: 'virtio' }]);
  return domainXml({ ...DOMAIN, disks: Object.fromEntries(disks) }, '{}');
}
const up = async (libvirt: FakeLibvirt): Promise<void> => {
  const found = await observeDomain(libvirt.tools, SPEC.host, SPEC.name);
  if (found) await powerOn(SPEC, found, libvirt.tools);
};
afterEach(() => jest.useRealTimers());

describe('A VM is brought down', () => {
  test('by a shutdown request that is repeated, because a booting guest hears none', async () => {
    const libvirt = fake((done) => (done.length < 2 ? 'running (booted)' : 'shut off (shutdown)'));
    await powerOff(SPEC, libvirt.tools);
    expect(libvirt.commands).toEqual(['shutdown web1', 'shutdown web1']);
  });

  test('by its power switch when its time is over, with a warning', async () => {
    const libvirt = fake((done) => (done.includes('destroy web1') ? 'shut off (destroyed)' : 'running (booted)'));
    await powerOff(SPEC, libvirt.tools);
    expect(libvirt.commands).toEqual(['shutdown web1', 'shutdown web1', 'shutdown web1', 'destroy web1']);
    expect(libvirt.said.at(-1)).toBe(
      "Warning: VM 'web1' did not shut down within 30 seconds: switching it off, as a power cut would",
    );
  });

  test.each([
    ['paused (user)', ['resume web1', 'shutdown web1']],
    ['paused (I/O error)', ['resume web1', 'shutdown web1']],
    ['pmsuspended', ['dompmwakeup web1', 'shutdown web1']],
    ['in shutdown', ['shutdown web1']],
    ['crashed (panicked)', ['destroy web1']],
    ['paused (from snapshot)', ['resume web1', 'shutdown web1']],
  ])('from %s', async (first, commands) => {
    const libvirt = fake((done) =>
      done.some((one) => /^(shutdown|destroy)/.test(one))
        ? undefined
        : done.length === 0
          ? first
          : 'running (unpaused)',
    );
    await powerOff(SPEC, libvirt.tools);
    expect(libvirt.commands).toEqual(commands);
  });
});

describe('A VM that libvirt is busy with', () => {
  test.each(['saving', 'dumping', 'migrating', 'post-copy'])(
    'is not cut off while it is %s, and is off afterwards',
    async (reason) => {
      let looks = 0;
      const libvirt = fake(() => (++looks < 4 ? `paused (${reason})` : 'shut off (saved)'));
      await powerOff(SPEC, libvirt.tools);
      expect({ looks, commands: libvirt.commands }).toEqual({ looks: 4, commands: [] });
    },
  );

  test('is left alone when that takes longer than a shutdown may', async () => {
    const libvirt = fake(() => 'paused (saving)');
    await expect(powerOff(SPEC, libvirt.tools)).rejects.toThrow(
      "VM 'web1' is paused (saving); wait until that has ended",
    );
    expect(libvirt.commands).toEqual([]);
  });
});

describe('A VM is brought up', () => {
  test.each([
    ['shut off (shutdown)', ['start web1']],
    ['paused (user)', ['resume web1']],
    ['paused (from snapshot)', ['resume web1']],
    ['pmsuspended', ['dompmwakeup web1']],
    ['crashed (panicked)', ['destroy web1', 'start web1']],
    ['in shutdown', ['shutdown web1', 'start web1']],
  ])('from %s', async (first, commands) => {
    const libvirt = fake((done) => (done.length === 0 ? first : 'shut off (shutdown)'));
    await up(libvirt);
    expect(libvirt.commands).toEqual(commands);
  });

  test('fails while libvirt is busy with it', async () => {
    const libvirt = fake(() => 'paused (migrating)');
    await expect(up(libvirt)).rejects.toThrow("VM 'web1' is paused (migrating); wait until that has ended");
    expect(libvirt.commands).toEqual([]);
  });
});

describe('A VM starts', () => {
  const off = (): FakeLibvirt =>
    new FakeLibvirt(() => 'shut off (shutdown)', withDisks('pool/web1-root', 'pool/a-data'));

  test('while its images are locked, in a fixed order, including one attached by hand', async () => {
    const libvirt = off();
    await up(libvirt);
    expect(libvirt.locked).toEqual(['pool/a-data', 'pool/web1-root']);
    expect(libvirt.commands).toEqual(['start web1']);
  });

  test('from its saved memory when that has the current disks', async () => {
    const libvirt = off();
    libvirt.saved = withDisks('pool/web1-root');
    await up(libvirt);
    expect(libvirt.commands).toEqual(['start web1']);
    expect(libvirt.said).toEqual([expect.stringContaining('resuming from its saved memory')]);
  });

  test('without its saved memory when that has an image that is no longer its disk', async () => {
    const libvirt = off();
    libvirt.saved = withDisks('pool/web1-root', 'pool/shared');
    await expect(up(libvirt)).rejects.toThrow(
      /that has image 'pool\/shared' at vdb, which is no longer its disk; discard that memory.*managedsave-remove web1/,
    );
    expect(libvirt.commands).toEqual([]);
  });
});

describe('A VM is set to start with its host', () => {
  const autostarted = async (state: string, wanted = true): Promise<FakeLibvirt> => {
    const libvirt = fake(() => state);
    const spec = { ...SPEC, running: false, autostart: wanted };
    await autostart.act(spec, await observeWorld(spec, libvirt.tools), libvirt.tools);
    return libvirt;
  };

  test.each([
    [
      'only once its images are free while it is off: a boot of its host asks nobody',
      'shut off (shutdown)',
      true,
      'autostart web1',
      1,
    ],
    ['at once while it runs', 'running (booted)', true, 'autostart web1', 0],
    ['no more, at once', 'shut off (shutdown)', false, 'autostart --disable web1', 0],
  ])('%s', async (_, state, wanted, command, looks) => {
    const { commands, asked } = await autostarted(state, wanted);
    expect({ commands, looks: asked.length }).toEqual({ commands: [command], looks });
  });
});

test('fails when the guest does not release a disk after repeated requests', async () => {
  const libvirt = fake(() => 'running (booted)');
  const place = { host: DOMAIN.host, domain: 'web1', target: 'vda' };
  await expect(detachLive(place, () => true, libvirt.tools)).rejects.toThrow(
    'the guest has not released vda within 60 s; unmount it in the guest',
  );
  expect(libvirt.commands).toEqual(Array.from({ length: 6 }, () => 'detach-disk web1 vda --live'));
});

test('fails for a name that virsh takes for that of another VM', async () => {
  const libvirt = fake(() => 'running (booted)');
  await expect(observeDomain(libvirt.tools, DOMAIN.host, 'other')).rejects.toThrow(
    "reads the VM's name as the ID or UUID",
  );
});
