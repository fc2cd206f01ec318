import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { domainXml } from '../../../lib/render/domain/domain-xml';
import { renderXml } from '../../../lib/render/xml';
import { DOMAIN, VARIANTS } from '../../helpers/domain-spec';
import { runScript, runScriptWell } from '../../helpers/lab';
import { OTHER_ENTRY, otherOwner } from '../../helpers/owners';
import { RunningScript } from '../../helpers/running-script';
import { useVm } from '../../helpers/vm';

const vm = useVm('t-domain', ['data', 'second']);
const root = () => ({ vda: { image: vm.image('root'), bus: 'virtio' } });
const data = () => ({ image: vm.image('data'), bus: 'virtio' });
/** A disk that needs no guest to be unplugged. */
const onUsb = () => ({ sda: { image: vm.image('data'), bus: 'usb' } });
const NIC = { network: 'labnet', macAddress: '52:54:00:00:0d:01', model: 'virtio' };
const MARK = 'urn:cdktf-libvirt-ceph:mark';

test("every definition is valid against libvirt's own schema", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'domain-xml-'));
  for (const [index, variant] of VARIANTS.entries()) {
    const file = join(folder, `${index}.xml`);
    await writeFile(file, renderXml(domainXml({ ...DOMAIN, ...variant }, '{}')));
    await expect(execa('virt-xml-validate', [file, 'domain'])).resolves.toMatchObject({ exitCode: 0 });
  }
  await rm(folder, { recursive: true });
});

test('a VM is defined and started, and then nothing differs and nothing is done', async () => {
  expect(await vm.differs()).toBe('it is not defined; it is missing, not running');
  await vm.ensure();
  expect(await vm.state()).toBe('running');
  expect(await vm.differs()).toBe('');
  expect(await vm.ensure()).toBe('');
});

test('fails for an image that is missing, and names it', async () => {
  const { exitCode, stderr } = await vm.attempt({
    disks: { ...root(), vdb: { image: vm.image('none'), bus: 'virtio' } },
  });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("VM 't-domain' needs image 't-domain/none' for disk vdb, but it is missing");
});

test('fails for a VM of another owner, and for one without a mark, and touches neither', async () => {
  const before = await vm.xml('--inactive');
  const other = await vm.attempt({ owner: otherOwner(), entryId: OTHER_ENTRY, memory: '300 MiB' });
  expect(other.stderr).toContain("VM 't-domain' belongs to project 'test', stack 'steps'");
  await vm.virsh('metadata', vm.name, '--uri', MARK, '--remove', '--config');
  const unmarked = await vm.attempt({ memory: '300 MiB' });
  expect(unmarked.stderr).toContain("free its name with 'virsh destroy t-domain; virsh undefine --nvram t-domain'");
  const removal = await runScript('domain', 'remove', vm.removal());
  expect(removal).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('is kept: it has no mark') });
  await vm.given(before, 'define', '/dev/stdin');
  expect(await vm.differs()).toBe('');
});

test('after a lost state file the VM is taken back, and the old entry removes nothing', async () => {
  expect(await vm.ensure({ entryId: OTHER_ENTRY })).toContain("VM 't-domain' is taken back from the entry");
  expect(await runScriptWell('domain', 'remove', vm.removal())).toContain("VM 't-domain' is kept: ");
  expect(await vm.state()).toBe('running');
  await vm.ensure();
});

test('an interface and a disk come and go while it runs, and the PCI address of another disk stays', async () => {
  const second = { image: vm.image('second'), bus: 'virtio' };
  const addresses = async () =>
    (await vm.xml('--inactive'))
      .match(/<disk.*?<\/disk>/gs)
      ?.at(-1)
      ?.match(/bus='0x..'/)?.[0];
  await vm.ensure({ disks: { ...root(), vdb: data(), vdc: second }, networkInterfaces: [NIC] });
  expect(await vm.targets()).toEqual(['vda', 'vdb', 'vdc']);
  expect(await vm.virsh('domiflist', vm.name)).toContain(NIC.macAddress);
  const address = await addresses();
  await vm.ensure({ disks: { ...root(), vdb: data(), vdc: second } });
  expect(await vm.virsh('domiflist', '--inactive', vm.name)).not.toContain(NIC.macAddress);
  expect(await addresses()).toBe(address);
  expect(await vm.targets('--inactive')).toEqual(['vda', 'vdb', 'vdc']);
});

test('a change of memory waits for the next boot, and says so', async () => {
  await vm.clear();
  await vm.ensure();
  const said = await vm.ensure({ memory: '300 MiB' });
  expect(said).toContain('(memory is 256 MiB, not 300 MiB); the new one takes effect at its next boot');
  expect(await vm.xml()).toContain(`<memory unit='KiB'>262144</memory>`);
  expect(await vm.differs({ memory: '300 MiB' })).toBe('');
});

test('the restart policy "now" restarts it for that', async () => {
  await vm.ensure({ memory: '300 MiB', restartPolicy: 'now' });
  expect(await vm.xml()).toContain(`<memory unit='KiB'>307200</memory>`);
  expect(await vm.differs({ memory: '300 MiB' })).toBe('');
});

test.each<[string, () => Promise<unknown>, string]>([
  ['undefined while it runs', () => vm.virsh('undefine', vm.name), 'it runs, but is no longer defined'],
  ['switched off', () => vm.virsh('destroy', vm.name), 'it is shut off, not running'],
  ['paused', () => vm.virsh('suspend', vm.name), 'it is paused, not running'],
  [
    'changed',
    async () => {
      await vm.virsh('setvcpus', vm.name, '2', '--config', '--maximum');
      await vm.virsh('autostart', vm.name);
    },
    'maximum vcpus is 2, not 1; it starts with its host, which is not wanted',
  ],
  [
    'saved',
    () => vm.virsh('managedsave', vm.name),
    'it is shut off, and its memory is saved; it is shut off, not running',
  ],
  ['gone', () => vm.clear(), 'it is not defined; it is missing, not running'],
])('when %s by hand, it is repaired', async (_, damage, differs) => {
  await vm.ensure();
  await damage();
  expect(await vm.differs()).toBe(differs);
  await vm.ensure();
  expect(await vm.differs()).toBe('');
  expect(await vm.state()).toBe('running');
});

test('a guest that does not respond is switched off when its time is over, with a warning, and one that does shuts down', async () => {
  await vm.clear();
  await vm.images.rbd('import', '--no-progress', vm.images.lab().stubbornBootSectorImage, vm.image('stubborn'));
  const stubborn = { disks: { vda: { image: vm.image('stubborn'), bus: 'virtio' } } };
  await vm.ensure(stubborn);
  const ended = await vm.ensure({ ...stubborn, running: false });
  expect(ended).toContain('did not shut down within 2 seconds: switching it off');
  const from = vm.log().length;
  await vm.ensure();
  await vm.booted(from);
  expect(await vm.ensure({ running: false, shutdownTimeout: '30 seconds' })).not.toContain('switching it off');
  expect(await vm.state()).toBe('shut off');
});

test('the VM starts only when nobody else has an image open that it writes to', async () => {
  const { ensured, released } = await vm.images.whileOpen('root', async () => {
    const running = new RunningScript('domain', 'ensure', vm.spec({ shutdownTimeout: '1 seconds' }));
    await running.says("image 't-domain/root' is open by client.");
    expect(await vm.state()).toBe('shut off');
    return { ensured: running, released: Date.now() };
  });
  await ensured.wellEnded();
  expect(await vm.state()).toBe('running');
  expect(vm.startedAt()).toBeGreaterThanOrEqual(released);
});

test('fails to plug into a running VM what somebody else has open and writes to', async () => {
  const disks = { ...root(), ...onUsb() };
  const { exitCode, stderr } = await vm.images.whileOpen('data', () => vm.attempt({ disks }));
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringContaining("image 't-domain/data' cannot be attached: it is in use by client."),
  });
  expect([await vm.targets(), await vm.targets('--inactive')]).toEqual([['vda'], ['vda']]);
  await vm.ensure({ disks });
  expect(await vm.targets()).toEqual(['vda', 'sda']);
  await vm.ensure();
});

test('fails to redefine a VM with what somebody else has open, because libvirt itself may start it', async () => {
  await vm.virsh('destroy', vm.name);
  const fields = { disks: { ...root(), vdb: data() }, autostart: true, shutdownTimeout: '1 seconds' };
  const { stderr } = await vm.images.whileOpen('data', () => vm.attempt(fields));
  expect(stderr).toContain("VM 't-domain' cannot start: its image 't-domain/data' is in use by client.");
  expect(await vm.targets('--inactive')).toEqual(['vda']);
});

test('the VM starts only when nobody else has an image open that was attached to it by hand', async () => {
  const disk = `<disk type='network'><driver name='qemu' type='raw'/><source protocol='rbd' name='${vm.image('second')}'>
    <host name='${vm.images.lab().monitors[0]?.replace(/:\d+$/, '')}'/></source><target dev='vdx' bus='virtio'/></disk>`;
  await vm.given(disk, 'attach-device', vm.name, '/dev/stdin', '--config');
  const { stderr } = await vm.images.whileOpen('second', () => vm.attempt({ shutdownTimeout: '1 seconds' }));
  expect(stderr).toContain("VM 't-domain' cannot start: its image 't-domain/second' is in use by client.");
  expect(await vm.state()).toBe('shut off');
  await vm.virsh('detach-disk', vm.name, 'vdx', '--config');
});

test('the VM starts once nobody holds a lock on its image, with which the guest could not write, and verify reports it', async () => {
  const held = /image 't-domain\/root': client\.\d+ at \S+ holds the lock 'by hand' on it/;
  expect(await vm.state()).toBe('shut off');
  await vm.images.rbd('lock', 'add', vm.image('root'), 'by hand');
  expect(await vm.differs()).toMatch(held);
  const { stderr } = await vm.attempt();
  expect(stderr).toMatch(held);
  expect(await vm.state()).toBe('shut off');
  const [, client = ''] = /remove it: 'rbd lock rm t-domain\/root 'by hand' (client\.\d+)'/.exec(stderr) ?? [];
  await vm.images.rbd('lock', 'rm', vm.image('root'), 'by hand', client);
  await vm.ensure();
  expect(await vm.state()).toBe('running');
});

test('verify reports a client with capabilities of 2013, which may not shut out a dead QEMU', async () => {
  const caps = (mon: string, osd: string) =>
    vm.images.ceph('auth', 'caps', `client.${vm.name}`, 'mon', mon, 'osd', osd);
  await caps('allow r', `allow class-read object_prefix rbd_children, allow rwx pool=${vm.images.pool}`);
  expect(await vm.differs()).toContain("client 't-domain' is not allowed to blocklist a QEMU that died");
  await caps('profile rbd', `profile rbd pool=${vm.images.pool}`);
  expect(await vm.differs()).toBe('');
});

test('the VM does not resume from a saved memory that has an image that is no longer its disk', async () => {
  const disks = { ...root(), ...onUsb() };
  await vm.ensure({ disks });
  await vm.virsh('managedsave', vm.name);
  const { stderr } = await vm.attempt();
  expect(stderr).toMatch(/that has image 't-domain\/data' at sda, which is no longer its disk; discard that memory/);
  expect(await vm.state()).toBe('shut off');
  await vm.ensure({ disks });
  expect(await vm.targets()).toEqual(['vda', 'sda']);
  await vm.ensure();
});

test('a VM that resumes from its saved memory is brought in line in the same run', async () => {
  await vm.virsh('managedsave', vm.name);
  const said = await vm.ensure({ memory: '300 MiB', restartPolicy: 'now' });
  expect(said).toContain('resuming from its saved memory');
  expect(await vm.xml()).toContain(`<memory unit='KiB'>307200</memory>`);
  await vm.ensure({ restartPolicy: 'now' });
});

test('PROVIDER: the remains of our own VM are removed, even when it is paused and without a definition', async () => {
  await vm.virsh('suspend', vm.name);
  await vm.virsh('undefine', vm.name);
  await vm.ensure({ driver: 'provider' });
  expect(await vm.virsh('list', '--all', '--name')).not.toContain(vm.name);
});

test('PROVIDER: fails for a running VM of another state, and names the import blocks; verify compares as always', async () => {
  await vm.ensure();
  const { stderr } = await vm.attempt({ driver: 'provider', entryId: OTHER_ENTRY });
  expect(stderr).toContain('import it with the blocks');
  expect(await vm.state()).toBe('running');
  expect(await vm.differs({ driver: 'provider' })).toBe('');
  expect(await vm.differs({ driver: 'provider', memory: '300 MiB' })).toBe('memory is 256 MiB, not 300 MiB');
});

test('the VM is removed with its saved memory, with a message, and a second removal does nothing', async () => {
  await vm.virsh('managedsave', vm.name);
  expect(await runScriptWell('domain', 'remove', vm.removal())).toContain('its saved memory (managed save) is deleted');
  expect(await vm.virsh('list', '--all', '--name')).not.toContain(vm.name);
  expect(await runScriptWell('domain', 'remove', vm.removal())).toBe('');
});
