import type { TerraformStack } from 'cdktf';
import {
  CephRbdStoragePool,
  Duration,
  ImageSource,
  LibvirtDriver,
  RbdBackedVm,
  RbdImage,
  RemovalPolicy,
  RestartPolicy,
  Size,
} from '../../../constructs';
import { agentGuest } from '../../../lab/agent-guest';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver, onceFor } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { processesWith } from '../../helpers/rbd';
import { until } from '../../helpers/until';
import { Admin, world } from '../../helpers/world';

const lab = useLab();
/** What a guest's kernel writes to the port of its panic device when it panics. */
const PANIC = 'o /1b 0x505 1';

/**
 * What is done to each VM before it is changed, leaves the code or is destroyed, and the state that it is in
 * afterwards.
 */
const STATES = {
  deaf: [[], 'running'],
  paused: [['suspend'], 'paused'],
  off: [['destroy'], 'shut off'],
  killed: [['qemu-monitor-command', '--hmp', 'quit'], 'shut off'],
  suspended: [['dompmsuspend', 'mem'], 'pmsuspended'],
  panicked: [['qemu-monitor-command', '--hmp', PANIC], 'crashed'],
} as const satisfies { readonly [id: string]: readonly [command: readonly string[], state: string] };
type Id = keyof typeof STATES;
/** The others ignore shutdown requests. */
const hasSystem = (id: Id): boolean => id === 'suspended';
/** Mebibytes. */
const memoryOf = (id: Id): number => (hasSystem(id) ? 256 : 32);

describeByDriver('VMs in each state that libvirt knows', (driver, prefix) => {
  const once = onceFor(driver);
  /** The same script switches a VM off before the provider replaces it, and the provider takes a second for each. */
  const ids: readonly Id[] = driver === LibvirtDriver.VIRSH ? (Object.keys(STATES) as Id[]) : ['deaf', 'panicked'];
  const withSystem = ids.filter(hasSystem);
  const deployment = new Deployment(`${prefix}st`);
  const pool = `${prefix}st-pool`;
  const named = (id: Id): string => `${prefix}st-${id}`;
  const consoleOf = (id: Id): string => `${named(id)}-console.log`;
  let admin: Admin;
  let agentImage: string;

  const stackWith =
    (vms: readonly Id[], more = 0) =>
    (stack: TerraformStack): void => {
      const { ceph, host } = world(stack, lab(), driver);
      const access = { cluster: ceph, poolName: pool, clientId: `${prefix}st-client` };
      const storage = new CephRbdStoragePool(stack, `${prefix}st-storage`, { host, ...access });
      const source = ImageSource.file(agentImage);
      const agent = new RbdImage(stack, `${prefix}st-agent`, { pool: storage.pool, source });
      for (const id of vms) {
        // Ceph deletes no image that is still open: a VM that leaves must be off before.
        const kept = { pool: storage.pool, removalPolicy: RemovalPolicy.DELETE };
        const content = hasSystem(id) ? { source: ImageSource.clone(agent) } : { size: Size.mebibytes(8) };
        const vm = new RbdBackedVm(stack, named(id), {
          storage,
          vcpus: 1,
          // A q35 with SeaBIOS no longer notices the power button once it was suspended.
          machineType: id === 'suspended' ? 'pc' : undefined,
          memory: Size.mebibytes(memoryOf(id) + more),
          rootDisk: { image: new RbdImage(stack, `${named(id)}-root`, { ...kept, ...content }) },
          guestAgent: hasSystem(id),
          shutdownTimeout: Duration.seconds(hasSystem(id) ? 60 : 3),
          restartPolicy: RestartPolicy.NOW,
          serialLogFile: `/var/log/libvirt/qemu/${consoleOf(id)}`,
        });
        if (id === 'panicked') staysWhenItPanics(vm);
      }
    };

  /** None of this has a prop. */
  function staysWhenItPanics(vm: RbdBackedVm): void {
    if (driver === LibvirtDriver.VIRSH) {
      vm.addXml('<on_crash>preserve</on_crash>', 'domain');
      vm.addXml(`<panic model='isa'/>`);
    }
    vm.domainResource?.addOverride('on_crash', 'preserve');
    vm.domainResource?.addOverride('devices.panics', [{ model: 'isa' }]);
  }

  const state = async (id: Id): Promise<string> => (await admin.virsh('domstate', named(id))).trim();

  /** Waits until each guest with a system has booted, since its console was that long. */
  async function haveBooted(from: ReadonlyMap<Id, number>): Promise<void> {
    for (const id of withSystem) await admin.seen(consoleOf(id), /^DISK vda BOOTS/, from.get(id));
    for (const id of withSystem) {
      await until(`the agent of ${id} answers`, async () =>
        (await admin.virsh('dumpxml', named(id))).includes(`state='connected'`),
      );
    }
  }

  const lengths = (): Map<Id, number> => new Map(withSystem.map((id) => [id, admin.console(consoleOf(id)).length]));

  /** Puts each VM into its state. */
  async function spoil(vms: readonly Id[]): Promise<void> {
    for (const id of vms) {
      const [[command, ...args], wanted] = STATES[id] as (typeof STATES)['paused'];
      let given = command === undefined;
      await until(`${named(id)} is ${wanted}`, async () => {
        if ((await state(id)) === wanted) return true;
        // Repeated if it fails, because an agent may be busy; QEMU may break virsh's connection to its monitor when it
        // quits.
        given ||= await admin.virsh(command ?? '', named(id), ...args).then(() => true);
        return false;
      });
    }
  }

  const images = (): Promise<string[]> => Promise.all(ids.map((id) => admin.imageId(`${pool}/${named(id)}-root`)));

  beforeAll(async () => {
    admin = new Admin(lab());
    agentImage = await agentGuest(lab().quickGuestImage);
    await admin.wipe(pool);
    const from = lengths();
    await deployment.deploy(stackWith(ids));
    await haveBooted(from);
  }, 600_000);

  afterAll(async () => {
    deployment.remove();
    await admin.clear(`${prefix}st-`);
  }, 600_000);

  test('are changed and run again on their own disks: those that listen shut down, the others are switched off', async () => {
    const [before, from] = [await images(), lengths()];
    await spoil(ids);
    const output = await deployment.deploy(stackWith(ids, 16));
    expect(output).toContain(`VM '${named('deaf')}' did not shut down within 3 seconds: switching it off`);
    expect(output).toContain(`VM '${named('panicked')}' has crashed: switching it off`);
    expect(output).not.toContain(`VM '${named('suspended')}' did not shut down`);
    if (ids.includes('suspended')) await admin.seen(consoleOf('suspended'), /^POWER BUTTON/, from.get('suspended'));
    for (const id of ids) {
      const memory = `${(memoryOf(id) + 16) * 1024} KiB`;
      expect(await admin.virsh('dominfo', named(id))).toMatch(new RegExp(`^Max memory: +${memory}$`, 'm'));
      expect([id, await state(id)]).toEqual([id, 'running']);
    }
    expect(await images()).toEqual(before);
    await haveBooted(from);
  }, 600_000);

  test('leave the code, each with its disk', async () => {
    await spoil(ids);
    await deployment.deploy(stackWith(['deaf'], 16));
    const left = await admin.inventory(`${prefix}st-`);
    expect(left.filter((line) => /^(domain|image|trash) /.test(line))).toEqual([
      `domain ${named('deaf')}`,
      ...['agent', 'deaf-root'].map((image) => `image ${pool}/${prefix}st-${image}`),
    ]);
  }, 600_000);

  // Before a destroy either driver runs the script that it runs when a VM leaves the code.
  once(
    'are destroyed by Terraform: none runs on, and of the images only what their policy keeps remains',
    async () => {
      const some = ['deaf', 'paused', 'panicked'] as const;
      await deployment.deploy(stackWith(some, 16));
      await spoil(some);
      await deployment.destroy();
      for (const id of some) expect([id, await processesWith('qemu', `guest=${named(id)},`)]).toEqual([id, []]);
      expect(await admin.inventory(`${prefix}st-`)).toEqual([`pool ${pool}`, `trash ${pool}/${prefix}st-agent`]);
    },
    600_000,
  );
});
