import { setTimeout as sleep } from 'node:timers/promises';
import type { TerraformStack } from 'cdktf';
import {
  CephRbdStoragePool,
  DomainType,
  Duration,
  LibvirtDriver,
  LibvirtHost,
  RbdBackedVm,
  Size,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByProvider } from '../../helpers/drivers';
import { useLab, virsh } from '../../helpers/lab';
import { withoutLibvirtd } from '../../helpers/lab-faults';
import { Admin, world } from '../../helpers/world';

const lab = useLab({ hosts: 2 });

/** A VM without a system, so that it hears nothing. */
function stackWith(moved = false): (stack: TerraformStack) => void {
  return (stack) => {
    const { ceph, host } = world(stack, lab(), LibvirtDriver.PROVIDER);
    const other = new LibvirtHost(stack, 'kvm2', { uri: lab().hosts[1]?.uri ?? '', domainType: DomainType.QEMU });
    const way = { cluster: ceph, poolName: 'pf-pool', clientId: 'pf-client' };
    const [storage, storage2] = [
      new CephRbdStoragePool(stack, 'pf-storage', { host, ...way }),
      new CephRbdStoragePool(stack, 'pf-storage2', { host: other, ...way }),
    ];
    new RbdBackedVm(stack, 'pf-deaf', {
      storage: moved ? storage2 : storage,
      vcpus: 1,
      memory: Size.mebibytes(32),
      rootDisk: { size: Size.mebibytes(8) },
      shutdownTimeout: Duration.seconds(3),
    });
  };
}

describeByProvider('faults of the provider are absorbed', () => {
  const deployment = new Deployment('pf');
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('pf-pool');
    await deployment.deploy(stackWith());
  }, 300_000);

  afterAll(async () => {
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    await admin.wipe('pf-pool');
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
    expect(await deployment.failToDeploy(stackWith())).toContain('already exists');
    expect(await admin.virsh('domid', 'pf-deaf')).toBe(id);
    await deployment.deploy(stackWith(), '-replace=terraform_data.pf-deaf');
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
    await deployment.deploy(stackWith(true));
    stop.abort();
    const seen = await sampled;
    expect(seen.filter((hosts) => hosts.length > 1)).toEqual([]);
    expect(seen[0]).toEqual(['kvm1']);
    expect(await running(1)).toEqual(['pf-deaf']);
    expect(await admin.virsh('list', '--all', '--name')).not.toContain('pf-deaf');
  }, 300_000);
});
