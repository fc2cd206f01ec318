import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TerraformStack } from 'cdktf';
import { CephRbdStoragePool, Duration, type LibvirtDriver, RbdBackedVm, Size } from '../../../constructs';
import { CommandLine } from '../../helpers/cli';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver } from '../../helpers/drivers';
import { useLab, virsh } from '../../helpers/lab';
import { withoutLibvirtd } from '../../helpers/lab-faults';
import { Admin, labHost, world } from '../../helpers/world';

const lab = useLab({ hosts: 2 });
const HOSTS = ['kvm1', 'kvm2'] as const;
/** An apply takes seconds, and a look at both hosts tenths of a second. */
const FEWEST = 20;

describeByDriver('A VM that moves to another host', (driver, prefix) => {
  const name = `${prefix}move`;
  const [vm, pool] = [`${name}-vm`, `${name}-pool`];
  const deployment = new Deployment(name);
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(pool);
    await deployment.deploy(stackOn(driver, 'kvm1'));
  });

  afterAll(async () => {
    deployment.remove();
    await admin.clear(name);
  });

  /** A VM without a system, so that it ignores the shutdown request and is slow to leave its host. */
  function stackOn(by: LibvirtDriver, place: (typeof HOSTS)[number], hosts = 2): (stack: TerraformStack) => void {
    return (stack) => {
      const { ceph: cluster, host: kvm1 } = world(stack, lab(), by);
      const way = { cluster, poolName: pool, clientId: `${name}-client` };
      const here = new CephRbdStoragePool(stack, `${name}-storage`, { host: kvm1, ...way });
      const there = (): CephRbdStoragePool => {
        const kvm2 = labHost(stack, lab(), { driver: by }, 1);
        return new CephRbdStoragePool(stack, `${name}-storage2`, { host: kvm2, ...way });
      };
      const second = hosts === 2 ? there() : here;
      new RbdBackedVm(stack, vm, {
        storage: place === 'kvm1' ? here : second,
        vcpus: 1,
        memory: Size.mebibytes(32),
        rootDisk: { size: Size.mebibytes(8) },
        shutdownTimeout: Duration.seconds(3),
      });
    };
  }

  async function runsOn(index: number): Promise<boolean> {
    return (await virsh(lab(), index, 'list', '--name')).split('\n').includes(vm);
  }

  /**
   * The hosts on which it runs; the second host is looked at first: a VM that has left the first one by the second look
   * was not on both.
   */
  async function places(): Promise<string> {
    const there = await runsOn(1);
    const here = await runsOn(0);
    return HOSTS.filter((_, index) => [here, there][index]).join(' and ');
  }

  /** Looks repeatedly while `work` runs. */
  async function sampled(work: () => Promise<unknown>): Promise<string[]> {
    const seen: string[] = [];
    const stop = new AbortController();
    const sampler = (async () => {
      for (; !stop.signal.aborted; await sleep(50)) seen.push(await places());
    })();
    await work().finally(() => stop.abort());
    await sampler;
    return seen;
  }

  test('never runs on both: first on the one, then on none, then on the other', async () => {
    const image = await admin.imageId(`${pool}/${vm}-root`);
    const seen = await sampled(() => deployment.deploy(stackOn(driver, 'kvm2')));
    expect(seen.length).toBeGreaterThanOrEqual(FEWEST);
    const phases = seen.filter((place, index) => place !== seen[index - 1]);
    // How long it runs nowhere depends on the driver.
    expect(phases.filter((place) => place !== '')).toEqual(['kvm1', 'kvm2']);
    for (const place of HOSTS) expect(seen.filter((one) => one === place).length).toBeGreaterThan(1);
    expect(await admin.virsh('list', '--all', '--name')).not.toContain(vm);
    expect(await admin.imageId(`${pool}/${vm}-root`)).toBe(image);
  });

  /** Only the definitions of the second host are left, as after its machine died; afterwards not even these. */
  async function withoutSecondHost(work: () => Promise<void>): Promise<void> {
    const there = (...args: string[]): Promise<string> => virsh(lab(), 1, ...args);
    const left = /(\S+) +ceph .*move-client/.exec(await there('secret-list'))?.[1] ?? '';
    const qemu = Number(readFileSync(join(lab().folder, 'kvm2/run/libvirt/qemu', `${vm}.pid`), 'utf8'));
    await withoutLibvirtd(
      lab(),
      async () => {
        if (qemu > 1) process.kill(qemu);
        await work();
      },
      1,
    );
    await there('undefine', vm);
    await there('pool-undefine', `${name}-storage2`);
    await there('secret-undefine', left);
  }

  test('starts on the other after its host is gone for good, once the state has forgotten the silent host', async () => {
    const cli = new CommandLine(deployment);
    const image = await admin.imageId(`${pool}/${vm}-root`);
    expect((await cli.run('forget-host', 'kvm2')).stderr).toContain("host 'kvm2' answers at");
    await withoutSecondHost(async () => {
      const { stdout } = await cli.run('forget-host', 'kvm2');
      const [line = ''] = stdout.split('\n').slice(-1);
      expect(line).toContain('state rm ');
      await deployment.must('state', 'rm', ...[...line.matchAll(/'([^']+)'/g)].map(([, address = '']) => address));
      await deployment.deploy(stackOn(driver, 'kvm1', 1));
      expect(await runsOn(0)).toBe(true);
      expect(await admin.imageId(`${pool}/${vm}-root`)).toBe(image);
    });
  });
});
