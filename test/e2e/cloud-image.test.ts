import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { DomainType, Firmware, LibvirtDriver } from '../../constructs';
import { cloudGuest } from '../../lab/cloud-guest';
import { CommandLine } from '../helpers/cli';
import { synthExample } from '../helpers/example';
import { WebServer } from '../helpers/http';
import { useLab } from '../helpers/lab';
import { until } from '../helpers/until';
import { Admin } from '../helpers/world';

/** The addresses of the guest and the host, in a network reserved for tests (RFC 2544). */
const [GUEST, HOST, LEASES] = ['198.19.77.10', '198.19.77.1', ['198.19.77.100', '198.19.77.199']];
const MINUTES = 60_000;
const BRIDGE = 'virbr-cloud';
/** 'open': libvirt leaves the machine's firewall alone. */
const NETWORK = `<network><name>cloudnet</name><forward mode='open'/><bridge name='${BRIDGE}'/>
  <ip address='${HOST}' prefix='24'><dhcp><range start='${LEASES[0]}' end='${LEASES[1]}'/></dhcp></ip></network>`;

const lab = useLab();

// A Debian with its real systemd and cloud-init: one to two minutes to build it, once, and one to three until it has
// booted.
describe('The example cloud-image, with a real Debian as it is published', () => {
  const web = new WebServer();
  let admin: Admin;
  let example: ReturnType<typeof synthExample>;
  let keys: string;
  const terraform = (...args: string[]) =>
    execa('terraform', [...args, '-no-color'], {
      cwd: example.stackFolder,
      env: { CHECKPOINT_DISABLE: '1' },
      stdin: 'ignore',
    });
  const cli = () => new CommandLine(example);

  async function ssh(address: string, command: string): Promise<string> {
    const anyHost = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ConnectTimeout=5', 'BatchMode=yes'];
    // One connection for all commands: a login takes a second under emulation.
    const shared = ['ControlMaster=auto', 'ControlPersist=60', `ControlPath=${join(keys, '%h')}`];
    const options = [...anyHost, ...shared];
    const args = [...options.flatMap((one) => ['-o', one]), '-i', join(keys, 'key'), `debian@${address}`, command];
    // The connection outlives the command, and holds its standard error.
    return (await execa('ssh', args, { stdin: 'ignore', stderr: 'inherit', timeout: 2 * MINUTES })).stdout;
  }

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('cloud-pool');
    keys = mkdtempSync(join(tmpdir(), 'clc-keys-'));
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, 'key')]);
    writeFileSync(join(keys, 'network.xml'), NETWORK);
    // A killed run leaves its bridge, whose address would be taken.
    if (existsSync(`/sys/class/net/${BRIDGE}`)) await execa('ip', ['link', 'delete', BRIDGE]);
    await admin.virsh('net-create', join(keys, 'network.xml'));
    const image = await cloudGuest();
    const sums = `${createHash('sha512').update(readFileSync(image)).digest('hex')}  debian.qcow2.xz\n`;
    web.answer = ({ url }, response) => {
      if (url === '/SHA512SUMS') response.end(sums);
      else if (url === '/debian.qcow2.xz') createReadStream(image).pipe(response);
      else response.writeHead(404).end();
    };
    await web.start();
    example = synthExample('cloud-image', {
      CEPH_MONITORS: lab().monitors.join(','),
      CEPH_CONF: lab().cephConf,
      LIBVIRT_URI: lab().hosts[0]?.uri ?? '',
      LIBVIRT_DRIVER: LibvirtDriver.VIRSH,
      LIBVIRT_DOMAIN_TYPE: DomainType.QEMU,
      LIBVIRT_NETWORK: 'cloudnet',
      GUEST_IMAGE: web.url('debian.qcow2.xz'),
      GUEST_FIRMWARE: Firmware.UEFI_SECURE_BOOT,
      GUEST_TPM: 'yes',
      GUEST_ADDRESS: `${GUEST}/24`,
      SSH_PUBLIC_KEY: readFileSync(join(keys, 'key.pub'), 'utf8'),
    });
    await terraform('init');
    await terraform('apply', '-auto-approve');
  }, 15 * MINUTES);

  afterAll(async () => {
    web.stop();
    await admin.virsh('destroy', 'cloud1');
    await terraform('destroy', '-auto-approve');
    await admin.virsh('net-destroy', 'cloudnet');
    rmSync(example.folder, { recursive: true });
    rmSync(keys, { recursive: true });
    await admin.wipe('cloud-pool');
  }, 5 * MINUTES);

  test(
    'boots from RBD with secure boot and a TPM, and takes name, key, address and a mounted data disk: a login where addresses says works',
    async () => {
      const [vm] = await cli().json('addresses', 'cloud1', '--wait', '--timeout', '540');
      // Its host's neighbours may tell it before its agent does.
      expect(vm).toMatchObject({ vm: 'cloud1', addresses: [{ address: GUEST }] });
      const { address } = vm.addresses[0];
      const told = await until(
        'its agent tells it',
        async () => {
          const [{ addresses }] = await cli().json('addresses', 'cloud1');
          return addresses[0]?.source === 'agent' && addresses;
        },
        2000,
      );
      expect(told).toMatchObject([{ address, prefix: 24 }]);
      await until('the guest lets us in', () => ssh(address, 'true').then(() => true), 2000);
      await ssh(address, 'cloud-init status --wait');
      expect(await ssh(address, 'hostname')).toBe('cloud1');
      expect(await ssh(address, 'findmnt --noheadings --output SOURCE,FSTYPE /srv')).toMatch(/^\/dev\/vdb +ext4$/);
      // The last byte is the variable's value; the first four are its attributes.
      expect(await ssh(address, 'od -An -tu1 /sys/firmware/efi/efivars/SecureBoot-*')).toMatch(/ 1$/);
      expect(await ssh(address, 'cat /sys/class/tpm/tpm0/tpm_version_major')).toBe('2');
      // The root file system has grown to its disk of 4 GiB, from 600 MiB.
      expect(Number(await ssh(address, 'findmnt --noheadings --bytes --output SIZE /'))).toBeGreaterThan(3 * 2 ** 30);
    },
    15 * MINUTES,
  );

  test('vms shows its addresses and what its disks take', async () => {
    const GIB = 2 ** 30;
    const [vm] = await cli().json('vms');
    expect(vm).toMatchObject({ vm: 'cloud1', state: 'running', waiting: [], addresses: [{ address: GUEST }] });
    expect(vm.disks).toEqual([
      { target: 'vda', device: 'disk', source: 'cloud-pool/cloud1-root', size: 4 * GIB, used: expect.any(Number) },
      { target: 'vdb', device: 'disk', source: 'cloud-pool/cloud1-vdb', size: GIB, used: expect.any(Number) },
      expect.objectContaining({ device: 'cdrom', source: 'cloud-pool/cloud1-seed' }),
    ]);
    expect(vm.disks.map(({ used }: { used: number }) => used > 0 && used < GIB)).toEqual([true, true, true]);
  });

  test(
    'without its agent its address is told by the neighbours of its host, and by the lease once it has one',
    async () => {
      const told = (source: string) =>
        until(`its address is told by ${source}`, async () => {
          await ssh(GUEST, 'true'); // so that it is a neighbour
          const [{ addresses }] = await cli().json('addresses', 'cloud1');
          return addresses[0]?.source === source && addresses;
        });
      await ssh(GUEST, 'sudo systemctl stop qemu-guest-agent');
      expect(await told('arp')).toMatchObject([{ address: GUEST, source: 'arp' }]);
      const dhcp = 'network: {version: 2, ethernets: {lan: {dhcp4: true}}}';
      await ssh(GUEST, `echo '${dhcp}' | sudo tee /etc/netplan/90-dhcp.yaml && sudo netplan apply`);
      const [lease] = await told('lease');
      expect(lease).toMatchObject({ address: expect.stringMatching(/^198\.19\.77\.1\d\d$/), prefix: 24 });
      expect(await ssh(lease.address, 'hostname')).toBe('cloud1');
    },
    10 * MINUTES,
  );
});
