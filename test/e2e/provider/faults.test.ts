import { setTimeout as sleep } from 'node:timers/promises';
import type { TerraformStack } from 'cdktf';
import {
  CephRbdStoragePool,
  DomainType,
  Duration,
  ImageSource,
  LibvirtDriver,
  LibvirtHost,
  RbdBackedVm,
  RbdImage,
  Size,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByProvider } from '../../helpers/drivers';
import { useLab, virsh } from '../../helpers/lab';
import { withoutLibvirtd } from '../../helpers/lab-faults';
import { until } from '../../helpers/until';
import { Admin, world } from '../../helpers/world';

const lab = useLab({ hosts: 2 });

/** What is done to each VM before it is changed, and before it leaves the code. All but one have no system, so are deaf. */
const VMS = {
  'pf-deaf': [],
  'pf-paused': ['suspend', 'pf-paused'],
  'pf-off': ['destroy', 'pf-off'],
  'pf-crashed': ['qemu-monitor-command', '--hmp', 'pf-crashed', 'quit'],
  'pf-leaving': ['shutdown', 'pf-leaving'],
} as const;
const CONSOLE = 'pf-leaving-console.log';
const NAMES = Object.keys(VMS) as (keyof typeof VMS)[];

interface Parts {
  readonly names?: readonly string[];
  readonly description?: string;
  readonly moved?: boolean;
}

function stackWith({ names = NAMES, description, moved = false }: Parts = {}): (stack: TerraformStack) => void {
  return (stack) => {
    const { ceph, host } = world(stack, lab(), LibvirtDriver.PROVIDER);
    const other = new LibvirtHost(stack, 'kvm2', { uri: lab().hosts[1]?.uri ?? '', domainType: DomainType.QEMU });
    const way = { cluster: ceph, poolName: 'pf-pool', clientId: 'pf-client' };
    const [storage, storage2] = [
      new CephRbdStoragePool(stack, 'pf-storage', { host, ...way }),
      new CephRbdStoragePool(stack, 'pf-storage2', { host: other, ...way }),
    ];
    const guest = new RbdImage(stack, 'pf-guest', {
      pool: storage.pool,
      source: ImageSource.file(lab().guestImage),
    });
    for (const name of names) {
      new RbdBackedVm(stack, name, {
        storage: moved && name === 'pf-deaf' ? storage2 : storage,
        vcpus: 1,
        memory: Size.mebibytes(name === 'pf-leaving' ? 256 : 32),
        rootDisk: name === 'pf-leaving' ? { source: ImageSource.clone(guest) } : { size: Size.mebibytes(8) },
        shutdownTimeout: name === 'pf-leaving' ? Duration.seconds(30) : Duration.seconds(3),
        serialLogFile: `/var/log/libvirt/qemu/${name}-console.log`,
        description,
      });
    }
  };
}

describeByProvider('faults are absorbed', () => {
  const deployment = new Deployment('pf');
  let admin: Admin;
  // Where the console's log of this run starts.
  let start = 0;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('pf-pool');
    start = admin.console(CONSOLE).length;
    await deployment.deploy(stackWith());
    await admin.seen(CONSOLE, /^DISK vda SIZE/, start);
  }, 300_000);

  afterAll(async () => {
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    await admin.wipe('pf-pool');
  }, 300_000);

  async function spoil(): Promise<void> {
    // QEMU that quits may take virsh's connection to its monitor along.
    for (const command of Object.values(VMS)) if (command.length > 0) await admin.virsh(...command).catch(() => '');
    const states = { 'pf-paused': 'paused', 'pf-off': 'shut off', 'pf-crashed': 'shut off' };
    for (const [name, state] of Object.entries(states)) {
      await until(`${name} is ${state}`, async () => (await admin.virsh('domstate', name)).trim() === state);
    }
  }

  const images = async (): Promise<string[]> =>
    Promise.all(
      NAMES.map(async (name) => /^\tid: .*/m.exec(await admin.rbd('info', `pf-pool/${name}-root`))?.[0] ?? ''),
    );

  test('VMs that are deaf, paused, off, crashed and about to shut down are replaced around their disks', async () => {
    const before = await images();
    await spoil();
    const output = await deployment.deploy(stackWith({ description: 'changed' }));
    expect(output).toContain("VM 'pf-deaf' did not shut down within 3 seconds: switching it off");
    expect(output).not.toContain("VM 'pf-leaving' did not shut down");
    for (const name of NAMES) expect(await admin.virsh('desc', name)).toBe('changed');
    expect(await images()).toEqual(before);
    await admin.seen(CONSOLE, /^POWER BUTTON/, start);
  }, 300_000);

  test('they leave the code from the same states, each with its last disk', async () => {
    await spoil();
    await deployment.deploy(stackWith({ names: ['pf-deaf'], description: 'changed' }));
    const left = await admin.inventory('pf-');
    expect(left.filter((line) => line.startsWith('domain'))).toEqual(['domain pf-deaf']);
    expect(left.filter((line) => line.startsWith('trash'))).toHaveLength(NAMES.length - 1);
  }, 300_000);

  test('a connection that is lost during a plan is an error that names the host, and nothing is lost', async () => {
    const before = await deployment.must('state', 'pull');
    const lost = await withoutLibvirtd(lab(), async () => {
      const plan = await deployment.terraform('plan');
      const apply = await deployment.terraform('apply', '-auto-approve');
      return [plan, apply];
    });
    for (const { exitCode, output } of lost) {
      expect(exitCode).toBe(1);
      expect(output).toContain(lab().hosts[0]?.socketFolder);
    }
    expect(await deployment.must('state', 'pull')).toBe(before);
    // An rbd storage pool is inactive after every start of libvirtd; no VM needs it.
    await admin.virsh('pool-start', 'pf-storage');
    await deployment.expectWhole();
  }, 300_000);

  test('a VM that the provider has dropped from its state is not touched; -replace of its object brings it back', async () => {
    const id = await admin.virsh('domid', 'pf-deaf');
    // What the provider does by itself when a look-up fails during a refresh.
    await deployment.must('state', 'rm', 'libvirt_domain.kvm1-pf-deaf');
    const build = stackWith({ names: ['pf-deaf'], description: 'changed' });
    expect(await deployment.failToDeploy(build)).toContain('already exists');
    expect(await admin.virsh('domid', 'pf-deaf')).toBe(id);
    await deployment.deploy(build, '-replace=terraform_data.pf-deaf');
  }, 300_000);

  test('a VM that moves to another host never runs on both', async () => {
    const running = async (index: number): Promise<string[]> =>
      (await virsh(lab(), index, 'list', '--name')).split('\n').filter((name) => name === 'pf-deaf');
    const stop = new AbortController();
    const sample = async (): Promise<string[][]> => {
      const seen: string[][] = [];
      while (!stop.signal.aborted) {
        // The new host first: a VM that has left the old one by the second look was not on both.
        const there = await running(1);
        seen.push([...there.map(() => 'kvm2'), ...(await running(0)).map(() => 'kvm1')]);
        await sleep(50);
      }
      return seen;
    };
    const sampled = sample();
    await deployment.deploy(stackWith({ names: ['pf-deaf'], description: 'changed', moved: true }));
    stop.abort();
    const seen = await sampled;
    expect(seen.filter((hosts) => hosts.length > 1)).toEqual([]);
    expect(seen[0]).toEqual(['kvm1']);
    expect(await running(1)).toEqual(['pf-deaf']);
    expect(await admin.virsh('list', '--all', '--name')).not.toContain('pf-deaf');
  }, 300_000);
});
