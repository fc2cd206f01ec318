import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TerraformStack } from 'cdktf';
import {
  CephClient,
  CephClientConfig,
  CephPool,
  CephRbdStoragePool,
  Duration,
  ImageSource,
  LibvirtCephSecret,
  LibvirtDriver,
  RbdBackedVm,
  RbdImage,
  RbdSnapshot,
  RemovalPolicy,
  RestartPolicy,
  Size,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver } from '../../helpers/drivers';
import { forgetLocks, imageLocks, processesWith } from '../../helpers/rbd';
import { KillPoints, type Point, type When } from '../../helpers/kill-points';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

/** Every point, in two rounds (hours), instead of the sample: KILL_POINTS=all. */
const ALL = process.env['KILL_POINTS'] === 'all';
/** Of the points of each kind of object every so many-th is taken for the sample. */
const STRIDE = ALL ? 1 : 20;
/** A killed Terraform takes an apply of its own. */
const TERRAFORM_STRIDE = ALL ? 1 : 60;
const PHASES = ['make', 'change', 'remove'] as const;
type Phase = (typeof PHASES)[number];
const SCRIPTS = [
  'ceph-client',
  'ceph-pool',
  'ceph-secret',
  'client-config',
  'domain',
  'rbd-image',
  'rbd-snapshot',
  'storage-pool',
];
const WORDS = ['pool', 'client', 'secret', 'storage', 'config', 'blank', 'file', 'clone', 'snap', 'vm'] as const;
/** How many objects of each word there are. */
type Copies = { readonly [word: string]: number };

const lab = useLab();
const folder = mkdtempSync(join(tmpdir(), 'kp-'));
beforeAll(() => writeFileSync(join(folder, 'golden.raw'), Buffer.alloc(2 ** 20, 'golden image ')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
jest.setTimeout(ALL ? 7_200_000 : 900_000);

/**
 * A pool, client, secret, storage pool and image that are never killed, and beside them many objects that are alike:
 * each dies at a point of its own, so that one apply meets many points.
 */
function stackOf(driver: LibvirtDriver, copies: Copies, phase: Phase): (stack: TerraformStack) => void {
  return (stack) => {
    const { ceph, host } = world(stack, lab(), driver);
    const changed = phase === 'change';
    const pool = new CephPool(stack, 'kp-base', { cluster: ceph, pgNum: 8 });
    const client = new CephClient(stack, 'kp-client', { cluster: ceph });
    pool.grantReadWrite(client);
    const secret = new LibvirtCephSecret(stack, 'kp-secret', { host, client });
    const golden = new RbdImage(stack, 'kp-golden', { pool, source: ImageSource.file(join(folder, 'golden.raw')) });
    const each = (word: (typeof WORDS)[number], make: (name: string) => void): void => {
      for (let i = 1; i <= (phase === 'remove' ? 0 : (copies[word] ?? 0)); i++) make(nameOf(word, i));
    };
    const size = Size.mebibytes(changed ? 16 : 8);
    each(
      'pool',
      (name) =>
        new CephPool(stack, name, { cluster: ceph, pgNum: changed ? 2 : 1, removalPolicy: RemovalPolicy.DELETE }),
    );
    each('client', (name) => {
      const one = new CephClient(stack, name, { cluster: ceph, keyGeneration: changed ? 2 : 1 });
      changed ? pool.grantReadWrite(one) : pool.grantReadOnly(one);
    });
    each('secret', (name) => new LibvirtCephSecret(stack, name, { host, client, usage: name, private: changed }));
    each('storage', (name) => new CephRbdStoragePool(stack, name, { host, pool, client, secret, autostart: !changed }));
    each('config', (name) => {
      const confFile = join(folder, `${name}.conf`);
      // A host has one configuration for each client.
      const one = new CephClient(stack, name.replace('kp-', 'kpi-'), { cluster: ceph });
      new CephClientConfig(stack, name, {
        host,
        client: one,
        confFile,
        logFile: `/var/log/${changed ? 'b' : 'a'}.log`,
      });
    });
    each('blank', (name) => new RbdImage(stack, name, { pool, size, removalPolicy: RemovalPolicy.DELETE }));
    each(
      'file',
      (name) => new RbdImage(stack, name, { pool, size, source: ImageSource.file(join(folder, 'golden.raw')) }),
    );
    each('clone', (name) => new RbdImage(stack, name, { pool, size, source: ImageSource.clone(golden) }));
    each('snap', (name) => {
      const image = new RbdImage(stack, name.replace('kp-', 'kpi-'), { pool, size: Size.mebibytes(8) });
      new RbdSnapshot(stack, name, { image, removalPolicy: RemovalPolicy.DELETE });
    });
    each('vm', (name) => {
      new RbdBackedVm(stack, name, {
        secret,
        vcpus: 1,
        memory: Size.mebibytes(changed ? 48 : 32),
        rootDisk: { image: new RbdImage(stack, `${name}-root`, { pool, size: Size.mebibytes(8) }) },
        dataDisks: [{ image: new RbdImage(stack, `kpi${name.slice(2)}`, { pool, size }), target: 'vdb' }],
        shutdownTimeout: Duration.seconds(1),
        restartPolicy: RestartPolicy.NOW,
      });
    });
  };
}

function nameOf(word: string, i: number): string {
  return `kp-${word}-${String(i).padStart(2, '0')}`;
}

const wordOf = ({ object }: Point): string => object.split('-')[1] ?? '';
/** What a point is, whichever of the objects that are alike meets it. */
const labelOf = (phase: Phase, point: Point): string =>
  [phase, point.kind, point.verb, wordOf(point), point.n].join(' ');

describeByDriver('an apply that was killed, repeated, ends as if it had not been', (driver) => {
  let points: KillPoints;
  let admin: Admin;
  /** Of one object of each word, by phase. */
  const recorded = new Map<Phase, Point[]>();
  /** What is there after each phase with one object of each word. */
  const clean = new Map<Phase, string[]>();
  const one: Copies = Object.fromEntries(WORDS.map((word) => [word, 1]));
  const labels = (): string[] => [
    ...new Set([...recorded].flatMap(([phase, all]) => all.map((point) => labelOf(phase, point)))),
  ];

  beforeAll(async () => {
    points = new KillPoints('kp');
    admin = new Admin(lab());
    await admin.wipe('kp-base');
    await inDeployment(async (deployment) => {
      for (const phase of PHASES) {
        points.clear();
        await deployment.deploy(stackOf(driver, one, phase));
        recorded.set(phase, points.recorded());
        clean.set(phase, await everything());
      }
    });
  });
  afterAll(() => points.end());

  test('the recording has every kind and verb', () => {
    const kinds = [...recorded.values()].flat().map(({ kind, verb }) => `${kind} ${verb}`);
    const both = SCRIPTS.flatMap((kind) => [`${kind} ensure`, `${kind} remove`]);
    const stops = driver === LibvirtDriver.PROVIDER ? ['domain-stop remove'] : [];
    expect([...new Set(kinds)].sort()).toEqual([...both, 'disk remove', ...stops].sort());
  });

  test.each(ALL ? [0, 1] : [0])('when the script dies before and after its children (round %i)', async (round) => {
    const copies = copiesFor();
    const killed = new Set<string>();
    await inDeployment(async (deployment) => {
      for (const phase of PHASES) {
        points.clear();
        planScripts(phase, copies, round);
        await applyUntilDone(deployment, stackOf(driver, copies, phase));
        points.clear().forEach((point) => killed.add(labelOf(phase, point)));
        await deployment.expectWhole();
        expect(await everything()).toEqual(copied(clean.get(phase) ?? [], copies));
      }
    });
    tell('the script', killed.size);
    expect(killed.size).toBeGreaterThan((labels().length / STRIDE) * 0.8);
  });

  test('when Terraform dies and leaves the scripts behind', async () => {
    const left = new Set(labels().filter((_, index) => index % TERRAFORM_STRIDE === 0));
    const total = left.size;
    for (let before = -1; left.size !== before && left.size > 0;) {
      before = left.size;
      await inDeployment(async (deployment) => {
        for (const phase of PHASES) {
          points.clear();
          await applyUntilDone(deployment, stackOf(driver, one, phase), (round) => {
            points.clear().forEach((point) => left.delete(labelOf(phase, point)));
            planTerraform(phase, left, round);
          });
          await deployment.expectWhole();
          expect(await everything()).toEqual(clean.get(phase));
        }
      });
      if (!ALL) break;
    }
    tell('Terraform', total - left.size);
    expect(total - left.size).toBeGreaterThan(0);
  });

  function tell(victim: string, killed: number): void {
    const sample = ALL ? '' : ' (a sample; KILL_POINTS=all takes every one)';
    process.stdout.write(
      `kill points by ${driver}: ${victim} was killed at ${killed} of ${labels().length}${sample}\n`,
    );
  }

  /** Enough objects of each word for all of its points that are taken. */
  function copiesFor(): Copies {
    const most = (word: string): number =>
      Math.max(
        ...[...recorded.values()]
          .flat()
          .filter((point) => wordOf(point) === word)
          .map(({ n }) => n),
      );
    return Object.fromEntries(WORDS.map((word) => [word, Math.ceil(most(word) / STRIDE)]));
  }

  /** The i-th object dies at the i-th point of each phase, or at the i-th that is taken. */
  function planScripts(phase: Phase, copies: Copies, round: number): void {
    for (const point of recorded.get(phase) ?? []) {
      const word = wordOf(point);
      const offset = WORDS.indexOf(word as 'pool') % STRIDE;
      const last = copies[word] ?? 0;
      for (let i = 1; i <= last; i++) {
        if (point.n !== (i - 1) * STRIDE + 1 + offset) continue;
        const when: When = (i + round) % 2 === 0 ? 'before' : 'after';
        points.plan({ ...point, object: nameOf(word, i) }, 'script', when);
      }
    }
  }

  /** Whichever of them it meets first; the next round goes on with the others. */
  function planTerraform(phase: Phase, left: ReadonlySet<string>, round: number): void {
    for (const point of recorded.get(phase) ?? []) {
      if (left.has(labelOf(phase, point))) points.plan(point, 'terraform', round % 2 === 0 ? 'before' : 'after');
    }
  }

  /** As an operator does who applies again and again. */
  async function applyUntilDone(
    deployment: Deployment,
    build: (stack: TerraformStack) => void,
    eachRound?: (round: number) => void,
  ): Promise<void> {
    deployment.synth(build);
    let said = '';
    for (let round = 0; round < (ALL ? 400 : 40); round++) {
      eachRound?.(round);
      const { exitCode, output } = await deployment.terraform('apply', '-auto-approve', '-parallelism=10');
      if (exitCode === 0) return;
      said = output;
      await forgetDeadLocks();
    }
    throw new Error(`the apply did not converge:\n${said}`);
  }

  /** The locks of images outlive their dead holders by a minute, which is not waited for here. */
  async function forgetDeadLocks(): Promise<void> {
    await sleep(1500);
    // What confirms an object goes on without its Terraform, and holds its lock.
    while ((await processesWith('exec.cjs', ' confirm')).length > 0) await sleep(200);
    if ((await admin.ceph('osd', 'pool', 'ls')).split('\n').includes('kp-base')) await forgetLocks(lab(), 'kp-base');
  }

  /** All that there is by our names: nothing lost, nothing double, nothing left over. */
  async function everything(): Promise<string[]> {
    const marks = JSON.parse(await admin.ceph('config-key', 'ls', '--format', 'json')) as string[];
    const images = (await admin.rbd('ls', 'kp-base')).split('\n').filter(Boolean);
    const trash = JSON.parse(await admin.rbd('trash', 'ls', '--format', 'json', 'kp-base')) as {
      id: string;
      name: string;
    }[];
    const named = (key: string): string => trash.reduce((text, { id, name }) => text.replace(id, name), key);
    const snapshots = images.map(async (image) =>
      (JSON.parse(await admin.rbd('snap', 'ls', '--format', 'json', `kp-base/${image}`)) as { name: string }[]).map(
        ({ name }) => `snapshot ${image}@${name}`,
      ),
    );
    const files = readdirSync(folder).filter((name) => /kpi?-/.test(name));
    return [
      ...(await admin.inventory('kp')),
      ...marks.filter((key) => key.includes('/kp')).map((key) => `mark ${named(key)}`),
      ...(await Promise.all(snapshots)).flat(),
      ...(await imageLocks(lab(), 'kp-base')),
      ...files.map((name) => `file ${name}`),
    ].sort();
  }

  async function inDeployment(work: (deployment: Deployment) => Promise<void>): Promise<void> {
    const deployment = new Deployment('kp');
    await admin.ceph('config', 'set', 'mon', 'mon_allow_pool_delete', 'true');
    try {
      await work(deployment);
    } finally {
      points.clear();
      // Its failure would hide the one of the work.
      await deployment.terraform('destroy', '-auto-approve').catch(() => undefined);
      deployment.remove();
      await admin.wipe('kp-base');
    }
  }
});

/** What is there with one object of each word, for as many as there are. */
function copied(inventory: readonly string[], copies: Copies): string[] {
  return inventory
    .flatMap((line) => {
      const word = /kpi?-([a-z]+)-01/.exec(line)?.[1];
      if (word === undefined) return [line];
      return Array.from({ length: copies[word] ?? 0 }, (_, i) =>
        line.replaceAll(/(kpi?-[a-z]+-)01/g, `$1${String(i + 1).padStart(2, '0')}`),
      );
    })
    .sort();
}
