import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { DomainType, LibvirtDriver } from '../../constructs';
import { terraformBinary } from '../../lib/cli/terraform-stack';
import { type SynthesizedExample, synthExample } from '../helpers/example';
import { useLab, virsh } from '../helpers/lab';
import { Admin } from '../helpers/world';

const lab = useLab({ hosts: 3 });
let admin: Admin;
let example: SynthesizedExample | undefined;
let deployed: string[] = [];

beforeAll(() => {
  admin = new Admin(lab());
});

/** Runs `terraform` for a stack of the example; throws its output if it fails. */
async function terraform(stack: string, ...args: string[]): Promise<string> {
  const cwd = join(example?.folder ?? '', 'stacks', stack);
  const { exitCode, all } = await execa(terraformBinary(), [...args, '-no-color', '-input=false'], {
    cwd,
    env: { CHECKPOINT_DISABLE: '1' },
    all: true,
    reject: false,
    stdin: 'ignore',
  });
  if (exitCode !== 0)
    throw new Error(`terraform ${args.join(' ')} in ${stack} ended with ${String(exitCode)}:\n${all}`);
  return all;
}

/** Deploys the example's stacks in this order; afterwards the plan of each is empty, and this VM runs. */
async function deploys(
  name: string,
  stacks: readonly string[],
  vm: string,
  env: { readonly [name: string]: string } = {},
  toolkit: 'cdktf' | 'cdktn' = 'cdktf',
): Promise<void> {
  const before = example?.folder;
  const place = {
    CEPH_MONITORS: lab().monitors.join(','),
    CEPH_CONF: lab().cephConf,
    CEPH_HOST: '',
    LIBVIRT_URI: lab().hosts[0]?.uri ?? '',
    LIBVIRT_DRIVER: LibvirtDriver.VIRSH,
    LIBVIRT_DOMAIN_TYPE: DomainType.QEMU,
    LIBVIRT_NETWORK: lab().network,
    LIBVIRT_BRIDGE: lab().bridge,
    GUEST_IMAGE: lab().bootSectorImage,
  };
  example = synthExample(name, { ...place, ...env }, toolkit);
  for (const stack of stacks) {
    if (deployed.includes(stack)) takeState(before ?? '', example.folder, stack);
    else deployed.unshift(stack);
    await terraform(stack, 'init');
    await terraform(stack, 'apply', '-auto-approve');
    // Exits with 2 if something would change.
    await terraform(stack, 'plan', '-detailed-exitcode');
  }
  expect(await admin.virsh('domstate', vm)).toBe('running');
}

/** Synthesizes a change into another folder, where the stack continues. */
function takeState(from: string, to: string, stack: string): void {
  const file = join('stacks', stack, 'terraform.tfstate');
  cpSync(join(from, file), join(to, file));
  rmSync(from, { recursive: true });
}

/** Not every example has a guest that reacts to a shutdown request. */
async function stopVms(): Promise<void> {
  for (const host of lab().hosts.keys()) {
    const names = await virsh(lab(), host, 'list', '--name');
    for (const name of names.split('\n').filter(Boolean)) await virsh(lab(), host, 'destroy', name);
  }
}

/** Removes everything that the example has made, the last stack first. */
async function destroyed(): Promise<void> {
  await stopVms();
  for (const stack of deployed) await terraform(stack, 'destroy', '-auto-approve');
  deployed = [];
}

/** The example cloud-image: cloud-image.test.ts. */
describe('An example can be deployed and destroyed', () => {
  afterEach(async () => {
    await stopVms();
    for (const stack of deployed) await terraform(stack, 'destroy', '-auto-approve').catch(() => undefined);
    deployed = [];
    rmSync(example?.folder ?? '', { recursive: true, force: true });
    await admin.wipe('libvirt-pool', 'hatches-pool', 'volumes', 'day-2', 'vms');
  });

  test.each(['cdktf', 'cdktn'] as const)('quickstart, with %s', async (toolkit) => {
    await deploys('quickstart', ['quickstart'], 'web1', {}, toolkit);
    const { version } = example?.json['//'].metadata;
    expect(version).toMatch(toolkit === 'cdktf' ? /^0\.21\./ : /^0\.24\./);
    await destroyed();
    expect(await admin.rbd('trash', 'ls', 'libvirt-pool')).toMatch(/web1-root[^]*web1-vdb|web1-vdb[^]*web1-root/);
  });

  test("ceph-page, with the page's own names", async () => {
    const conf = join(lab().folder, 'ceph-page.conf');
    await deploys('ceph-page', ['ceph-page'], 'libvirt-virtual-machine', { CLIENT_CONF: conf });
    expect(readFileSync(conf, 'utf8')).toContain('[client.libvirt]\nlog file = /var/log/ceph/qemu-guest-$pid.log');
    const disks = await admin.virsh('domblklist', 'libvirt-virtual-machine');
    expect(disks).toMatch(/libvirt-pool\/libvirt-virtual-machine-root[^]*libvirt-pool\/new-libvirt-image/);
    await destroyed();
    expect(existsSync(conf)).toBe(false);
  });

  test('fleet, of which a host goes and the others stay', async () => {
    const LIBVIRT_URI = lab().hosts[0]?.uri.replace('/kvm1/', '/HOST/') ?? '';
    await deploys('fleet', ['shared', 'kvm1', 'kvm2', 'kvm3'], 'web1', { LIBVIRT_URI });
    await stopVms();
    await terraform('kvm2', 'destroy', '-auto-approve');
    expect(await virsh(lab(), 1, 'list', '--all', '--name')).not.toMatch(/web2|cache1/);
    expect(await virsh(lab(), 2, 'list', '--all', '--name')).toContain('web3');
    await destroyed();
    expect(await admin.rbd('ls', 'vms')).toBe('');
  });

  test('escape-hatches', async () => {
    await deploys('escape-hatches', ['escape-hatches'], 'hatches1');
    expect(await admin.virsh('dumpxml', 'hatches1')).toContain("<watchdog model='i6300esb' action='reset'");
    await destroyed();
    expect(await admin.virsh('list', '--all', '--name')).not.toContain('hatches1');
  });

  test('base-and-service, of which the service comes and goes alone', async () => {
    await deploys('base-and-service', ['base', 'service'], 'web1');
    await stopVms();
    await terraform('service', 'destroy', '-auto-approve');
    expect(await admin.virsh('list', '--all', '--name')).not.toContain('web1');
    expect(await admin.rbd('ls', 'libvirt-pool')).toBe('golden');
    await destroyed();
    expect(await admin.virsh('secret-list')).not.toContain('client.libvirt secret');
  });

  test('day-2, whose changes reach the VM while it runs', async () => {
    await deploys('day-2', ['day-2'], 'shop1');
    const id = await admin.virsh('domid', 'shop1');
    await deploys('day-2', ['day-2'], 'shop1', { ROOT_GIB: '3', DATA_DISK: 'yes', MEMORY_MIB: '512' });
    expect(await admin.virsh('domid', 'shop1')).toBe(id);
    expect(await admin.virsh('domblklist', 'shop1')).toContain('day-2/shop1-data');
    const info = JSON.parse(await admin.rbd('info', '--format', 'json', 'day-2/shop1-root')) as { size: number };
    expect(info.size).toBe(3 * 2 ** 30);
    await destroyed();
    expect(await admin.rbd('ls', 'day-2')).toBe('shop1-data');
  });

  test('existing-cluster, which leaves everything that was there', async () => {
    await admin.ceph('osd', 'pool', 'create', 'volumes', '8');
    await admin.rbd('pool', 'init', 'volumes');
    await admin.rbd('create', '--size', '4G', 'volumes/debian-12');
    const caps = ['mon', 'profile rbd', 'osd', 'profile rbd pool=volumes'];
    await admin.ceph('auth', 'get-or-create', 'client.libvirt', ...caps);
    const file = join(lab().folder, 'legacy.xml');
    const machine = '<os><type>hvm</type></os>';
    await execa('tee', [file], {
      input: `<domain type='qemu'><name>legacy</name><memory>65536</memory>${machine}</domain>`,
    });
    await admin.virsh('define', file);
    try {
      await deploys('existing-cluster', ['existing-cluster'], 'web1');
      expect(await admin.virsh('domblklist', 'legacy')).toContain('volumes/legacy-archive');
      await destroyed();
      expect(await admin.virsh('list', '--all', '--name')).toContain('legacy');
      expect(await admin.virsh('domblklist', 'legacy')).not.toContain('volumes/legacy-archive');
      expect(await admin.rbd('ls', 'volumes')).toBe('debian-12');
      expect(await admin.ceph('auth', 'get', 'client.libvirt')).toContain('profile rbd pool=volumes');
    } finally {
      await admin.virsh('undefine', 'legacy');
      await admin.ceph('auth', 'rm', 'client.libvirt');
    }
  });
});
