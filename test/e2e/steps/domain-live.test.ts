import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { stableUuid } from '../../../lib/model';
import { runScriptWell } from '../../helpers/lab';
import { useVm } from '../../helpers/vm';

const vm = useVm('t-live', ['disk', 'data', 'more', 'first', 'second']);

/** It boots nothing: what is looked at is QEMU's, not the guest's. */
const image = (name: string, bus: string, more: object = {}) => ({ image: vm.image(name), bus, ...more });
const vda = (more: object = {}) => ({ vda: image('disk', 'virtio', more) });
const cdrom = (name: string) => ({ sdz: image(name, 'sata', { cdrom: true, readOnly: true }) });
const threaded = () => ({
  ...vda(),
  vdb: image('data', 'virtio', { ioThread: true, queues: 1 }),
  sdh: image('more', 'scsi', { ioThread: true, queues: 2, wwn: '5000c500a1b2c3d4' }),
});
const domid = () => vm.virsh('domid', vm.name);

test("a disk's limits are added, changed and removed while it runs, in its definition too", async () => {
  await vm.ensure({ disks: vda() });
  const id = await domid();
  const limits = async (qos?: object): Promise<{ [limit: string]: number }> => {
    expect(await vm.ensure({ disks: vda({ qos }) })).not.toContain('next boot');
    expect(await vm.differs({ disks: vda({ qos }) })).toBe('');
    const printed = await vm.virsh('blkdeviotune', vm.name, 'vda', '--live');
    const all = [...printed.matchAll(/^(\w+) *: (\d+)$/gm)].map(([, name, value]) => [name, Number(value)] as const);
    return Object.fromEntries(all.filter(([, value]) => value > 0));
  };
  const burst = { burstBytesPerSecond: '20 MiB', burstDuration: '5 seconds' };
  expect(await limits({ totalBytesPerSecond: '10 MiB', totalIops: 100, ...burst })).toEqual({
    total_bytes_sec: 10485760,
    total_iops_sec: 100,
    total_bytes_sec_max: 20971520,
    total_bytes_sec_max_length: 5,
  });
  expect(await limits({ totalIops: 50, burstIops: 500 })).toMatchObject({
    total_iops_sec: 50,
    total_iops_sec_max: 500,
  });
  expect(await limits({ readIops: 5, writeBytesPerSecond: '1 MiB' })).toMatchObject({
    read_iops_sec: 5,
    write_bytes_sec: 1048576,
  });
  expect(await limits()).toEqual({});
  expect(await domid()).toBe(id);
});

test('disks with an I/O thread are plugged in while it runs, a SCSI disk with its own controller', async () => {
  const id = await domid();
  const disks = threaded();
  expect(await vm.ensure({ disks })).not.toContain('next boot');
  expect(await vm.targets()).toEqual(['vda', 'vdb', 'sdh']);
  expect(await vm.virsh('qemu-monitor-command', vm.name, '--hmp', 'info iothreads')).toMatch(
    /iothread2:[^]*iothread8:/,
  );
  expect(await vm.xml()).toMatch(
    /<controller type='scsi' index='1' model='virtio-scsi'>\s*<driver queues='2' iothread='8'/,
  );
  expect(await vm.differs({ disks })).toBe('');
  expect(await vm.ensure({ disks })).toBe('');
  expect(await domid()).toBe(id);
});

test('a CD on SCSI is plugged in and unplugged while it runs', async () => {
  const id = await domid();
  const disks = { ...threaded(), sda: image('first', 'scsi', { cdrom: true, readOnly: true }) };
  expect(await vm.ensure({ disks })).not.toContain('next boot');
  expect(await vm.targets()).toContain('sda');
  expect(await vm.differs({ disks })).toBe('');
  await vm.ensure({ disks: threaded() });
  expect(await vm.targets()).not.toContain('sda');
  expect(await domid()).toBe(id);
});

test('another medium is inserted while it runs', async () => {
  await vm.clear();
  await vm.ensure({ disks: { ...vda(), ...cdrom('first') } });
  const id = await domid();
  expect(await vm.ensure({ disks: { ...vda(), ...cdrom('second') } })).not.toContain('next boot');
  const block = await vm.virsh('domblklist', vm.name);
  expect(block).toContain(vm.image('second'));
  expect(block).not.toContain(vm.image('first'));
  expect(await domid()).toBe(id);
});

test('another network and a pulled cable are applied while it runs', async () => {
  await vm.clear();
  const nic = { macAddress: '52:54:00:00:0d:21', model: 'virtio' };
  await vm.ensure({ disks: vda(), networkInterfaces: [{ ...nic, network: 'labnet', linkUp: true }] });
  const id = await domid();
  const fields = {
    disks: vda(),
    networkInterfaces: [{ ...nic, bridge: vm.images.lab().bridge, linkUp: false }],
  };
  expect(await vm.ensure(fields)).not.toContain('next boot');
  const live = await vm.xml();
  expect(live).toMatch(new RegExp(`<interface type='bridge'>\\s*<mac[^]*<source bridge='${vm.images.lab().bridge}'/>`));
  expect(live).toContain(`<link state='down'/>`);
  expect(await vm.differs(fields)).toBe('');
  expect(await domid()).toBe(id);
});

test('UEFI with secure boot and a TPM keep their variables and their state across changes and restarts, and lose them with the VM', async () => {
  await vm.clear();
  const fields = (more: object = {}) => ({ disks: vda(), firmware: 'uefi-secure-boot', tpm: true, ...more });
  await vm.ensure(fields());
  expect(await vm.xml()).toMatch(
    /<loader readonly='yes' secure='yes' type='pflash'>.*<\/loader>\s*<nvram template='.*\.ms\.fd'>/,
  );
  expect(await vm.virsh('qemu-monitor-command', vm.name, '--hmp', 'info tpm')).toContain('type=emulator');
  expect(await vm.differs(fields())).toBe('');
  const kept = () => [
    ...vm.stored('qemu/nvram', `${vm.name}_VARS.fd`),
    ...vm.stored('swtpm', stableUuid('domain', vm.name)),
  ];
  const before = kept();
  expect(before).toHaveLength(2);
  await vm.ensure(fields({ vcpus: 2, restartPolicy: 'now' }));
  expect(await vm.xml()).toContain('>2</vcpu>');
  expect(kept()).toEqual(before);
  const other = await vm.attempt(fields({ firmware: 'uefi' }));
  expect(other.stderr).toContain(
    "VM 't-live' has the firmware 'uefi-secure-boot', whose UEFI variables do not suit 'uefi'",
  );
  await runScriptWell('domain', 'remove', vm.removal());
  expect(kept()).toEqual([]);
});

test("UEFI variables may be stored in an image, where the guest's firmware writes them", async () => {
  await vm.images.rbd('import', '--no-progress', '/usr/share/OVMF/OVMF_VARS_4M.fd', vm.image('nvram'));
  const fields = { disks: vda(), firmware: 'uefi', nvram: vm.image('nvram') };
  await vm.ensure(fields);
  expect(await vm.differs(fields)).toBe('');
  expect(await vm.images.rbd('status', vm.image('nvram'))).toContain('watcher=');
  expect(vm.stored('qemu/nvram', `${vm.name}_VARS.fd`)).toEqual([]);
});

test('an Ignition config in a file of the host reaches QEMU through fw_cfg, where images for QEMU look', async () => {
  await vm.clear();
  const ignitionFile = join(vm.images.folder, 'core1.ign');
  writeFileSync(ignitionFile, '{"ignition":{"version":"3.4.0"}}');
  await vm.ensure({ disks: vda(), ignitionFile });
  const { stdout } = await execa('pgrep', ['-af', `guest=${vm.name},`]);
  expect(stdout).toContain(`-fw_cfg name=opt/com.coreos/config,file=${ignitionFile}`);
  expect(await vm.differs({ disks: vda(), ignitionFile })).toBe('');
  expect(await vm.ensure({ disks: vda() })).toContain('ignition file is');
  expect(await vm.xml('--inactive')).not.toContain('sysinfo');
});

test('an interface by macvtap is plugged in while it runs, with one queue as it has by itself', async () => {
  await vm.clear();
  await vm.ensure({ disks: vda() });
  const host = (...words: string[]) => execa('ip', ['link', ...words]);
  await host('add', 't-live0', 'type', 'veth', 'peer', 'name', 't-live1');
  try {
    await host('set', 't-live0', 'up');
    const nic = { macAddress: '52:54:00:00:0e:01', model: 'virtio', macvtap: 't-live0', queues: 1 };
    const fields = { disks: vda(), networkInterfaces: [{ ...nic, trustGuestRxFilters: true }] };
    await vm.ensure(fields);
    expect(await vm.differs(fields)).toBe('');
    expect((await host('show', 'type', 'macvtap')).stdout).toContain('@t-live0');
    expect(await vm.virsh('domiflist', vm.name)).toMatch(/direct +t-live0 +virtio +52:54:00:00:0e:01/);
  } finally {
    await vm.clear();
    await host('delete', 't-live0');
  }
});

const QEMU_ARM = '/usr/bin/qemu-system-aarch64';
// The lab does not install it: its firmware takes 250 MB.
const [describeArm, why] = existsSync(QEMU_ARM) ? [describe, ''] : [describe.skip, ` (skipped: no ${QEMU_ARM})`];

describeArm(`a machine of aarch64${why}`, () => {
  test('starts by UEFI, with a CD, a TPM and a screen; fails with secure boot, before it is defined', async () => {
    await vm.clear();
    const fields = {
      ...{ architecture: 'aarch64', tpm: true, vnc: true, watchdog: 'reset' },
      disks: { ...vda(), sda: { image: vm.image('data'), bus: 'scsi', cdrom: true } },
      networkInterfaces: [{ macAddress: '52:54:00:00:0e:02', model: 'virtio', network: 'labnet' }],
    };
    await vm.ensure(fields);
    const { stdout } = await execa('pgrep', ['-af', `guest=${vm.name},`]);
    expect(stdout).toMatch(/^\d+ \/usr\/bin\/qemu-system-aarch64 .*-machine virt-.*pflash.*tpm-tis-device/);
    expect(await vm.differs(fields)).toBe('');
    await vm.clear();
    const secure = await vm.attempt({ ...fields, firmware: 'uefi-secure-boot' });
    expect(secure.stderr).toContain(
      "VM 't-live' needs what its host does not support: secure boot; 'virsh domcapabilities",
    );
  });
});

test('fails for what the host cannot do, before anything is defined', async () => {
  await vm.clear();
  const { stderr } = await vm.attempt({ disks: vda(), cpuModel: 'Pentium-9000' });
  expect(stderr).toContain("VM 't-live' needs what its host does not support: the CPU model 'Pentium-9000'");
  const other = await vm.attempt({ disks: vda(), architecture: 's390x' });
  expect(other.stderr).toContain(
    "VM 't-live' needs the machine type 'virt' of s390x with qemu, which its host does not have",
  );
  expect(await vm.virsh('list', '--all', '--name')).not.toContain(vm.name);
});
