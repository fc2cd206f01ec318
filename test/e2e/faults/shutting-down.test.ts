import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import {
  CephRbdStoragePool,
  Duration,
  ImageSource,
  RbdBackedVm,
  RbdImage,
  RemovalPolicy,
  RestartPolicy,
  Size,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();

/**
 * Each takes a minute to shut down, so that the apply meets both during that time, and has a timeout above or below
 * that.
 */
const SECONDS = { patient: 180, hasty: 3 } as const;
type Id = keyof typeof SECONDS;
const IDS = Object.keys(SECONDS) as Id[];

describeByDriver('VMs that are already shutting down', (driver, prefix) => {
  const deployment = new Deployment(`${prefix}sd`);
  const pool = `${prefix}sd-pool`;
  const named = (id: Id): string => `${prefix}sd-${id}`;
  const consoleOf = (id: Id): string => `${named(id)}-console.log`;
  let admin: Admin;

  const stackWith =
    (ids: readonly Id[], more = 0) =>
    (stack: TerraformStack): void => {
      const { ceph, host } = world(stack, lab(), driver);
      const access = { cluster: ceph, poolName: pool, clientId: `${prefix}sd-client` };
      const storage = new CephRbdStoragePool(stack, `${prefix}sd-storage`, { host, ...access });
      const source = ImageSource.file(lab().slowBootSectorImage);
      const guest = new RbdImage(stack, `${prefix}sd-guest`, { pool: storage.pool, source });
      for (const id of ids) {
        // Ceph deletes no image that is still open: a VM that leaves must be off before.
        const root = { pool: storage.pool, source: ImageSource.clone(guest), removalPolicy: RemovalPolicy.DELETE };
        new RbdBackedVm(stack, named(id), {
          storage,
          vcpus: 1,
          memory: Size.mebibytes(64 + more),
          rootDisk: { image: new RbdImage(stack, `${named(id)}-root`, root) },
          shutdownTimeout: Duration.seconds(SECONDS[id]),
          restartPolicy: RestartPolicy.NOW,
          serialLogFile: `/var/log/libvirt/qemu/${consoleOf(id)}`,
        });
      }
    };

  const lengths = (): Map<Id, number> => new Map(IDS.map((id) => [id, admin.console(consoleOf(id)).length]));

  /** The guests have booted once their consoles are that long: from then on they notice the power button. */
  async function areUp(from: ReadonlyMap<Id, number>): Promise<void> {
    for (const id of IDS) await admin.seen(consoleOf(id), /^GUEST UP/, from.get(id));
  }

  /** Each has noticed the power button, and still runs. */
  async function shutDown(): Promise<void> {
    const from = lengths();
    for (const id of IDS) await admin.virsh('shutdown', named(id));
    for (const id of IDS) await admin.seen(consoleOf(id), /^POWER BUTTON/, from.get(id));
    for (const id of IDS) expect([id, (await admin.virsh('domstate', named(id))).trim()]).toEqual([id, 'running']);
  }

  /** How each of its runs ended, by libvirt's own log of the VM: 'shutdown' by itself, 'destroyed' from outside. */
  function ends(id: Id): string[] {
    const file = join(lab().hosts[0]?.logFolder ?? '', 'qemu', `${named(id)}.log`);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return [...text.matchAll(/shutting down, reason=(\S+)/g)].map(([, reason = '']) => reason);
  }

  /** The apply meets both while they shut down; it waits for the one, and its timeout for the other is too short. */
  async function expectWaitedFor(build: (stack: TerraformStack) => void): Promise<void> {
    const before = IDS.map((id) => ends(id).length);
    // On a busy machine a plan takes as long as a guest.
    await deployment.synth(build).plan();
    await shutDown();
    const output = await deployment.deployPlanned();
    for (const id of IDS)
      expect(output).toContain(`VM '${named(id)}': shutting down, for up to ${SECONDS[id]} seconds`);
    expect(output).not.toContain(`VM '${named('patient')}' did not shut down`);
    expect(output).toContain(`VM '${named('hasty')}' did not shut down within 3 seconds: switching it off`);
    expect(IDS.map((id, index) => ends(id).slice(before[index]))).toEqual([['shutdown'], ['destroyed']]);
  }

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(pool);
    const from = lengths();
    await deployment.deploy(stackWith(IDS));
    await areUp(from);
  }, 600_000);

  afterAll(async () => {
    deployment.remove();
    await admin.clear(`${prefix}sd-`);
  }, 600_000);

  test('are waited for as long as they may take when they are changed, and run again on their disks', async () => {
    const images = (): Promise<string[]> => Promise.all(IDS.map((id) => admin.imageId(`${pool}/${named(id)}-root`)));
    const [before, from] = [await images(), lengths()];
    await expectWaitedFor(stackWith(IDS, 16));
    for (const id of IDS) {
      expect(await admin.virsh('dominfo', named(id))).toMatch(/^Max memory: +81920 KiB$/m);
      expect([id, (await admin.virsh('domstate', named(id))).trim()]).toEqual([id, 'running']);
    }
    expect(await images()).toEqual(before);
    await areUp(from);
  }, 600_000);

  test('are waited for as long as they may take when they leave the code, each with its disk', async () => {
    await expectWaitedFor(stackWith([], 16));
    const left = (await admin.inventory(`${prefix}sd-`)).filter((line) => /^(domain|image|trash) /.test(line));
    expect(left).toEqual([`image ${pool}/${prefix}sd-guest`]);
  }, 600_000);
});
