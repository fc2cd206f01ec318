import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { hostSpec, virsh } from '../../helpers/lab';
import { MIB, useImagePool } from '../../helpers/rbd';

const images = useImagePool('img-users');
const SECRET = 'e1b2c3d4-0000-4000-8000-00000000aaaa';

/** A VM with two disks, without an operating system: what matters is what its QEMU takes the disks' sizes for. */
function domainXml(): string {
  const [host, port] = (images.lab().monitors[0] as string).split(':');
  const disk = (name: string, target: string): string => `
    <disk type='network' device='disk'><driver name='qemu' type='raw'/>
      <auth username='img-users'><secret type='ceph' uuid='${SECRET}'/></auth>
      <source protocol='rbd' name='img-users/${name}'><host name='${host}' port='${port}'/></source>
      <target dev='${target}' bus='virtio'/></disk>`;
  return `<domain type='qemu'><name>img-users</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='pc'>hvm</type></os>
    <devices>${disk('root', 'vda')}${disk('data', 'vdb')}</devices></domain>`;
}

async function guestSees(target: string): Promise<number> {
  const info = await virsh(images.lab(), 0, 'domblkinfo', 'img-users', target);
  return Number(/^Capacity:\s+(\d+)/m.exec(info)?.[1]);
}

const user = (target: string, domain = 'img-users') => ({ host: hostSpec(images.lab()), domain, target });

beforeAll(async () => {
  for (const name of ['root', 'data', 'other']) await images.ensure(images.blank(name));
  const caps = ['mon', 'profile rbd', 'osd', 'profile rbd pool=img-users'];
  await images.ceph('auth', 'get-or-create', 'client.img-users', ...caps);
  const files = { secret: join(images.folder, 'secret.xml'), domain: join(images.folder, 'domain.xml') };
  const usage = `<usage type='ceph'><name>img-users</name></usage>`;
  writeFileSync(files.secret, `<secret ephemeral='no' private='yes'><uuid>${SECRET}</uuid>${usage}</secret>`);
  writeFileSync(files.domain, domainXml());
  await virsh(images.lab(), 0, 'secret-define', files.secret);
  const uri = images.lab().hosts[0]?.virshUri as string;
  const pipe = 'ceph --conf "$1" auth get-key client.img-users | virsh -c "$2" secret-set-value "$3" --file /dev/stdin';
  await execa('sh', ['-c', pipe, 'sh', images.lab().cephConf, uri, SECRET]);
  await virsh(images.lab(), 0, 'define', files.domain);
  await virsh(images.lab(), 0, 'start', 'img-users');
});

afterAll(async () => {
  await virsh(images.lab(), 0, 'destroy', 'img-users').catch(() => '');
  await virsh(images.lab(), 0, 'undefine', 'img-users').catch(() => '');
  await virsh(images.lab(), 0, 'secret-undefine', SECRET).catch(() => '');
  await images.ceph('auth', 'rm', 'client.img-users').catch(() => '');
});

test('a running VM sees the new size, and a missing one is no error', async () => {
  const users = [user('vda'), user('vda', 'img-nobody')];
  await images.ensure(images.blank('root', { size: '32 MiB', users }));
  expect((await images.info('root')).size).toBe(32 * MIB);
  expect(await guestSees('vda')).toBe(32 * MIB);
});

test('a size that was increased by hand is passed on to the VM', async () => {
  await images.rbd('resize', 'img-users/root', '--size', '40M', '--no-progress');
  const spec = images.blank('root', { size: '40 MiB', users: [user('vda')] });
  expect(await images.ensure(spec)).toContain("VM 'img-users' (vda) still sees the smaller size");
  expect(await guestSees('vda')).toBe(40 * MIB);
  expect(await images.ensure(spec)).toBe('');
});

test('a target that shows another image is left alone', async () => {
  await images.ensure(images.blank('other', { size: '64 MiB', users: [user('vdb'), user('vdz')] }));
  expect(await guestSees('vdb')).toBe(16 * MIB);
  expect((await images.info('data')).size).toBe(16 * MIB);
});

test.each(['trash', 'delete'])('an image in use is neither trashed nor deleted: %s', async (policy) => {
  const said = await images.refused('remove', images.removal('root', policy));
  expect(said).toContain('it is in use by client.');
  expect(await images.names()).toContain('root');
});

test('a VM that is shut off does not count as a user', async () => {
  await virsh(images.lab(), 0, 'destroy', 'img-users');
  await images.ensure(images.blank('data', { size: '48 MiB', users: [user('vdb')] }));
  expect((await images.info('data')).size).toBe(48 * MIB);
});
