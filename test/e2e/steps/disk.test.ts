import { runScript, runScriptWell, TOKEN, verifyScript } from '../../helpers/lab';
import { OTHER_ENTRY, otherOwner } from '../../helpers/owners';
import { until } from '../../helpers/until';
import { useVm } from '../../helpers/vm';

const vm = useVm('t-disk', ['data', 'more'], 'quickGuestImage');
const root = () => ({ vda: { image: vm.image('root'), bus: 'virtio' } });
/** The VM with a data disk, which that entry gives it. */
const withData = (entry: string) => ({
  disks: { ...root(), vdb: { image: vm.image('data'), bus: 'virtio' } },
  diskEntryIds: { vdb: entry },
});
const attachment = (more: object = {}) => ({
  ...vm.access(),
  domain: vm.name,
  target: 'vdc',
  disk: { image: vm.image('more'), bus: 'virtio', serial: 'more-1' },
  ...more,
});
const removal = (target: string, image: string, more: object = {}) => {
  const { host } = vm.access() as { host: object };
  return { host, domain: vm.name, target, image: vm.image(image), ...more };
};
const watchers = (image: string) => vm.images.rbd('status', vm.image(image));

/** The VM as somebody made it without us. */
async function unmanaged(): Promise<void> {
  const xml = (await vm.xml('--inactive'))
    .replace(/<metadata>.*<\/metadata>/s, '')
    .replace(/<alias name='ua-[^>]*>/g, '');
  await vm.clear();
  await vm.given(xml, 'define', '/dev/stdin');
  const from = vm.log().length;
  await vm.virsh('start', vm.name);
  await vm.booted(from);
}

test('does nothing when there is no such VM or disk', async () => {
  expect(await runScriptWell('disk', 'remove', removal('vdb', 'data'))).toBe('');
  await vm.ensure();
  expect(await runScriptWell('disk', 'remove', removal('vdb', 'data'))).toBe('');
});

test('a data disk that has left the code is detached from the running VM, and nothing watches its image', async () => {
  await vm.ensure(withData(TOKEN));
  await vm.booted(0);
  expect(await watchers('data')).toContain('watcher=');
  await runScriptWell('disk', 'remove', removal('vdb', 'data'));
  expect([await vm.targets(), await vm.targets('--inactive')]).toEqual([['vda'], ['vda']]);
  expect(await watchers('data')).not.toContain('watcher=');
  // What an apply runs next: the VM's mark forgets the disk.
  await vm.ensure();
  expect(await vm.differs()).toBe('');
});

test('a data disk that another entry gives the VM is left alone', async () => {
  await vm.ensure(withData(OTHER_ENTRY));
  expect(await runScriptWell('disk', 'remove', removal('vdb', 'data'))).toContain('disk vdb is kept, ');
  expect([await vm.targets(), await vm.targets('--inactive')]).toEqual([
    ['vda', 'vdb'],
    ['vda', 'vdb'],
  ]);
  await vm.ensure();
});

test('fails to attach to a VM of ours, which gets its disks where it is created', async () => {
  const { exitCode, stderr } = await runScript('disk', 'ensure', attachment());
  expect(exitCode).toBe(1);
  expect(stderr).toContain("is managed by cdktf-libvirt-ceph (stack 'steps'); add the disk there");
});

test("a disk is attached to somebody else's VM, live and persistently, and then nothing is done", async () => {
  await unmanaged();
  await runScriptWell('disk', 'ensure', attachment());
  expect([await vm.targets(), await vm.targets('--inactive')]).toEqual([
    ['vda', 'vdc'],
    ['vda', 'vdc'],
  ]);
  expect(await vm.xml()).toContain('<serial>more-1</serial>');
  expect(await runScriptWell('disk', 'ensure', attachment())).toBe('');
  expect(await verifyScript('disk', attachment())).toMatchObject({ ok: true });
});

const WITH_DISK = [
  ['vda', 'vdc'],
  ['vda', 'vdc'],
];
const bothTargets = async () => [await vm.targets(), await vm.targets('--inactive')];

test('fails to attach to a running VM what somebody else has open and writes to', async () => {
  const disk = { image: vm.image('data'), bus: 'virtio' };
  const { exitCode, stderr } = await vm.images.whileOpen('data', () =>
    runScript('disk', 'ensure', attachment({ target: 'vdd', disk })),
  );
  expect(exitCode).toBe(1);
  expect(stderr).toContain("image 't-disk/data' cannot be attached: it is in use by client.");
  expect(await bothTargets()).toEqual(WITH_DISK);
  await runScriptWell('disk', 'remove', removal('vdd', 'data')); // its mark
});

const OLD_TOKEN = '33333333-3333-4333-8333-333333333333';

test('an entry of another state of the same stack leaves the disk in the VM, and says so', async () => {
  const said = await runScriptWell('disk', 'remove', removal('vdc', 'more', { entryId: OLD_TOKEN }));
  expect(said).toContain('disk vdc is kept, because this entry did not attach it');
  expect(await bothTargets()).toEqual(WITH_DISK);
  expect(await verifyScript('disk', attachment())).toMatchObject({ ok: true });
});

test('after a lost state the disk is taken back, the old entry is printed, and the VM keeps it plugged in', async () => {
  const [lost, id] = [{ entryId: OLD_TOKEN }, await vm.virsh('domid', vm.name)];
  const taken = await runScriptWell('disk', 'ensure', attachment(lost));
  expect(taken).toContain("Warning: disk vdc of VM 't-disk' is taken back from the entry '11111111-1111-4111-");
  expect(taken).not.toContain('attach it');
  expect(await runScriptWell('disk', 'ensure', attachment(lost))).toBe('');
  expect(await runScriptWell('disk', 'remove', removal('vdc', 'more'))).toContain('disk vdc is kept, ');
  expect([await bothTargets(), await vm.virsh('domid', vm.name)]).toEqual([WITH_DISK, id]);
  await runScriptWell('disk', 'ensure', attachment());
});

test.each(['--live', '--config'])('a disk detached by hand with %s is attached again', async (where) => {
  await vm.virsh('detach-disk', vm.name, 'vdc', where);
  const flags = where === '--live' ? [] : ['--inactive'];
  await until('it is off', async () => !(await vm.targets(...flags)).includes('vdc'));
  expect(await verifyScript('disk', attachment())).toMatchObject({ ok: false });
  await runScriptWell('disk', 'ensure', attachment());
  expect([await vm.targets(), await vm.targets('--inactive')]).toEqual([
    ['vda', 'vdc'],
    ['vda', 'vdc'],
  ]);
});

test('fails for a target that is taken, by anyone', async () => {
  const theirs = await runScript('disk', 'ensure', attachment({ target: 'vda' }));
  expect(theirs.stderr).toContain(`has another disk at this target (${vm.image('root')}); choose another 'target'`);
  const other = await runScript('disk', 'ensure', attachment({ owner: otherOwner(), entryId: OTHER_ENTRY }));
  expect(other.stderr).toContain('has another disk at this target');
});

test('fails for an image that is missing', async () => {
  const missing = await runScript(
    'disk',
    'ensure',
    attachment({ target: 'vdd', disk: { image: vm.image('none'), bus: 'virtio' } }),
  );
  expect(missing.stderr).toContain("disk vdd of VM 't-disk': check the VM: image 't-disk/none' is missing");
});

test('the disk is detached with its entry, but not for another owner', async () => {
  const other = { owner: otherOwner(), entryId: OTHER_ENTRY };
  expect(await runScriptWell('disk', 'remove', removal('vdc', 'more', other))).toContain(
    'is kept, because this entry did not attach it',
  );
  await runScriptWell('disk', 'remove', removal('vdc', 'more'));
  expect([await vm.targets(), await vm.targets('--inactive')]).toEqual([['vda'], ['vda']]);
  expect((await vm.xml()) + (await vm.xml('--inactive'))).not.toContain('urn:cdktf-libvirt-ceph');
});

test('a disk attached before VMs were marked is detached with its entry, and a repair marks it', async () => {
  await runScriptWell('disk', 'ensure', attachment());
  const forget = ['metadata', vm.name, '--uri', 'urn:cdktf-libvirt-ceph:mark:vdc', '--remove', '--live', '--config'];
  await vm.virsh(...forget);
  expect((await verifyScript('disk', attachment())).differs).toEqual([
    { step: 'mark it in the VM', differs: 'the VM carries no mark for it' },
  ]);
  await runScriptWell('disk', 'ensure', attachment());
  expect(await verifyScript('disk', attachment())).toMatchObject({ ok: true });
  await vm.virsh(...forget);
  await runScriptWell('disk', 'remove', removal('vdc', 'more'));
  expect(await bothTargets()).toEqual([['vda'], ['vda']]);
});

test('another image replaces the disk, at the next boot if the VM runs, and it is detached with its entry whatever it shows', async () => {
  const disk = { image: vm.image('data'), bus: 'virtio' };
  await runScriptWell('disk', 'ensure', attachment());
  const said = await runScriptWell('disk', 'ensure', attachment({ disk }));
  expect(said).toContain(
    `image is ${vm.image('more')}, not ${vm.image('data')}; it takes effect at the VM's next boot`,
  );
  const shows = (xml: string): string[] => ['more', 'data'].filter((image) => xml.includes(`'${vm.image(image)}'`));
  expect([shows(await vm.xml()), shows(await vm.xml('--inactive'))]).toEqual([['more'], ['data']]);
  await runScriptWell('disk', 'remove', removal('vdc', 'data'));
  expect(await bothTargets()).toEqual([['vda'], ['vda']]);
  expect(await watchers('more')).not.toContain('watcher=');
});

test('fails to replace the disk with an image that somebody else has open', async () => {
  await runScriptWell('disk', 'ensure', attachment());
  const disk = { image: vm.image('data'), bus: 'virtio' };
  const { stderr } = await vm.images.whileOpen('data', () => runScript('disk', 'ensure', attachment({ disk })));
  expect(stderr).toContain("image 't-disk/data' cannot be attached: it is in use by client.");
  expect(await vm.xml('--inactive')).toContain(vm.image('more'));
  await runScriptWell('disk', 'remove', removal('vdc', 'more'));
});

test('attaches a disk to the definition of a VM that is off', async () => {
  await vm.virsh('destroy', vm.name);
  await runScriptWell('disk', 'ensure', attachment());
  expect(await vm.targets('--inactive')).toEqual(['vda', 'vdc']);
  await runScriptWell('disk', 'remove', removal('vdc', 'more'));
  expect(await vm.targets('--inactive')).toEqual(['vda']);
  expect(await vm.xml('--inactive')).not.toContain('urn:cdktf-libvirt-ceph');
});

test('fails to attach to a VM that is off what somebody else has open', async () => {
  const { exitCode, stderr } = await vm.images.whileOpen('more', () => runScript('disk', 'ensure', attachment()));
  expect(exitCode).toBe(1);
  expect(stderr).toContain("image 't-disk/more' cannot be attached: it is in use by client.");
  expect(await vm.targets('--inactive')).toEqual(['vda']);
  await runScriptWell('disk', 'ensure', attachment());
  await runScriptWell('disk', 'remove', removal('vdc', 'more'));
});
