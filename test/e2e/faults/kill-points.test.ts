import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TerraformStack } from 'cdktf';
import { LibvirtDriver } from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver, onceFor } from '../../helpers/drivers';
import { forgetLocks } from '../../helpers/rbd';
import { imageContents, inventoryOfCopies, killStackInventory } from '../../helpers/kill-inventory';
import { deathsOfWorkers, lostByProvider, saidOfKilled, scriptsIn } from '../../helpers/killed-applies';
import { KillPoints, type Point, type Victim } from '../../helpers/kill-points';
import { fixedSample, MOMENTS } from '../../helpers/kill-sample';
import {
  type Copies,
  killStack,
  PHASES,
  type Phase,
  removeLegacyVms,
  Sources,
  startLegacyVms,
  WORDS,
} from '../../helpers/kill-stack';
import { useLab } from '../../helpers/lab';
import { CommandLine } from '../../helpers/cli';
import { until } from '../../helpers/until';
import { Admin } from '../../helpers/world';

/**
 * Every point instead of the sample: KILL_POINTS=all; only for some objects: KILL_WORDS="vm attach"; every fifth
 * request: KILL_REQUESTS=5 (no multiple of 2 or 3, which would always take the same of the moments of a request).
 */
const ALL = process.env['KILL_POINTS'] === 'all';
const LARGE = ALL || process.env['KILL_REQUESTS'] !== undefined;
const TAKEN: readonly string[] = process.env['KILL_WORDS']?.split(' ') ?? WORDS;
/** The sample takes every n-th moment, before and after in turn, so n is odd, and of the requests a fixed few. */
const STRIDE = 29;
const REQUEST_STRIDE = Number(process.env['KILL_REQUESTS'] ?? Infinity);
/** How many objects of each word there are to kill; each can be killed repeatedly, at another point each time. */
const COPIES = ALL ? 6 : LARGE ? 4 : 1;
/** At once: a script that waits for others uses no CPU. */
const PARALLELISM = 30;
/** An unfinished object takes another way, so one deployment does not reach every child. */
const ENOUGH = ALL ? 0.99 : 0.8;
const SCRIPTS = [
  'ceph-client',
  'ceph-pool',
  'ceph-secret',
  'client-config',
  'disk',
  'domain',
  'rbd-image',
  'rbd-snapshot',
  'storage-pool',
];
/** How the drivers differ. With PROVIDER only these are killed: all other objects get the same specs from both. */
const OF_DRIVER = ['disk', 'domain', 'storage-pool'];
const WORDS_OF_DRIVER: readonly string[] = ['storage', 'vm'];
const lab = useLab();
const folder = mkdtempSync(join(tmpdir(), 'kp-'));
const sources = new Sources(folder);
beforeAll(() => sources.make());
afterAll(() => {
  sources.end();
  rmSync(folder, { recursive: true, force: true });
});
jest.setTimeout(LARGE ? 7_200_000 : 900_000);

describeByDriver('An apply that was killed ends, when repeated, as if it had not been', (driver) => {
  let points: KillPoints;
  let admin: Admin;
  /** With one object of each word, by phase. */
  const recorded = new Map<Phase, readonly Point[]>();
  /** What exists after each phase with one object of each word. */
  const clean = new Map<Phase, string[]>();
  const byVirsh = driver === LibvirtDriver.VIRSH;
  const isKilled = (word: string): boolean => TAKEN.includes(word) && (byVirsh || WORDS_OF_DRIVER.includes(word));
  /** With PROVIDER the sample has no objects whose scripts are the same. */
  const isThere = (word: string): boolean => ALL || byVirsh || WORDS_OF_DRIVER.includes(word);
  const one = copiesOf((word) => (isThere(word) ? 1 : 0));
  const stackOf = (copies: Copies, phase: Phase) => killStack(lab(), sources, driver, copies, phase);
  /** The sample has only the objects that are killed in it. */
  const copiesFor = (moments: readonly string[]): Copies =>
    copiesOf((word) => {
      if (isKilled(word) && (LARGE || moments.some((moment) => moment.split('.')[2] === word))) return COPIES;
      return LARGE ? (one[word] ?? 0) : 0;
    });

  beforeAll(async () => {
    points = new KillPoints('kp');
    admin = new Admin(lab());
    await admin.wipe('kp-base');
    await inDeployment(one, async (deployment) => {
      for (const phase of PHASES) {
        points.clear();
        await deployment.deploy(stackOf(one, phase));
        recorded.set(phase, points.recorded());
        clean.set(phase, await killStackInventory(lab(), folder));
      }
    });
  });
  afterAll(() => points.end());

  test('and the recording covers every kind and verb', () => {
    const kinds = [...recorded.values()].flat().map(({ kind, verb }) => `${kind} ${verb}`);
    const both = (of: readonly string[]): string[] => of.flatMap((kind) => [`${kind} ensure`, `${kind} remove`]);
    const sample = [...both(['domain', 'storage-pool']), 'disk remove'];
    const ofProvider = byVirsh ? [] : ['domain start', 'domain stop'];
    const wanted = [...(byVirsh || ALL ? both(SCRIPTS) : sample), ...ofProvider];
    expect([...new Set(kinds)]).toEqual(expect.arrayContaining(wanted));
  });

  test('and the recording has requests to the Ceph worker, of every kind that asks it', () => {
    const points = [...recorded.values()].flat().filter(({ isRequest }) => isRequest);
    const asking = ['domain', 'rbd-image', ...(byVirsh || ALL ? ['ceph-client', 'ceph-pool', 'rbd-snapshot'] : [])];
    expect([...new Set(points.map(({ kind }) => kind))]).toEqual(expect.arrayContaining(asking));
  });

  test('and the recording covers every program that the scripts have started', () => {
    const { children, unknown } = points.started();
    expect(children).toBeGreaterThan(0);
    // The transport of one of the clusters is replaced by the tool.
    expect(unknown).toEqual(one['stream'] === 0 ? [] : ['env']);
  });

  // The sample has one or two moments in a phase with PROVIDER, whose scripts only start and stop a VM.
  const once = LARGE ? test : onceFor(driver);
  once('when the script dies before and after its children and requests, or its Ceph worker alone', async () => {
    const { wanted, met } = await killEverywhere('script');
    expect(met).toBeGreaterThan(wanted * ENOUGH);
  });

  test('when Terraform dies and leaves the scripts behind', async () => {
    const { wanted, met } = await killEverywhere('terraform');
    expect(met).toBeGreaterThan(wanted * ENOUGH);
  });

  /** Kills before and after each recorded child, or each of the sample; reports how many of them were reached. */
  async function killEverywhere(victim: Victim): Promise<{ readonly wanted: number; readonly met: number }> {
    const left = new Map(PHASES.map((phase) => [phase, new Set(moments(phase, victim))]));
    const many = copiesFor([...left.values()].flatMap((planned) => [...planned]));
    const size = (): number => PHASES.reduce((sum, phase) => sum + (left.get(phase)?.size ?? 0), 0);
    const wanted = size();
    // Each deployment reaches other points among those that only a finished object comes to.
    for (let before = Infinity; size() > 0 && size() < before && (ALL || before === Infinity);) {
      before = size();
      await inDeployment(many, async (deployment) => {
        const cli = new CommandLine(deployment);
        let made: readonly string[] = [];
        for (const phase of PHASES) {
          points.clear();
          points.plan(victim, left.get(phase) ?? []);
          const outputs = await applyUntilDone(deployment, stackOf(many, phase), victim);
          points.met().forEach((moment) => left.get(phase)?.delete(moment));
          // An apply may succeed and warn of what a killed run still writes into, with the command that removes it.
          if (outputs.some((output) => output.includes("'cdktf-libvirt-ceph repair' removes")))
            await cli.run('repair', '--yes');
          await deployment.expectWhole().catch((error: unknown) => {
            process.stdout.write(`${phase}, ${victim} killed:\n${saidOfKilled(outputs)}\n`);
            throw error;
          });
          expect(await killStackInventory(lab(), folder)).toEqual(inventoryOfCopies(clean.get(phase) ?? [], many));
          if (phase === 'make') made = await imageContents(lab());
          if (phase === 'change') expect(await imageContents(lab())).toEqual(made);
        }
      });
    }
    tell(victim, wanted, left);
    return { wanted, met: wanted - size() };
  }

  function children(phase: Phase): readonly Point[] {
    return (recorded.get(phase) ?? []).filter(({ kind, word }) => {
      return isKilled(word) && (byVirsh || OF_DRIVER.includes(kind));
    });
  }

  /**
   * Before and after each child and each request; and, where not Terraform is killed, the worker alone in each request.
   */
  function momentsOf(phase: Phase, victim: Victim): { readonly moment: string; readonly isRequest: boolean }[] {
    return children(phase).flatMap(({ key, isRequest }) => {
      const kinds = isRequest && victim === 'script' ? MOMENTS : MOMENTS.slice(0, 2);
      return kinds.map((kind) => ({ moment: `${key}.${kind}`, isRequest }));
    });
  }

  /** With PROVIDER no image's script is killed. */
  function fixedRequests(phase: Phase, victim: Victim): string[] {
    return byVirsh && TAKEN === WORDS ? fixedSample(phase, victim, recorded.get(phase) ?? []) : [];
  }

  /** Those that are taken. */
  function moments(phase: Phase, victim: Victim): string[] {
    const all = momentsOf(phase, victim);
    const some = (of: boolean, stride: number) =>
      all.filter(({ isRequest }) => isRequest === of).filter((_, i) => ALL || isTaken(i, stride, phase));
    const requests = LARGE ? some(true, REQUEST_STRIDE).map(({ moment }) => moment) : fixedRequests(phase, victim);
    return [...some(false, STRIDE).map(({ moment }) => moment), ...requests];
  }

  function tell(victim: Victim, wanted: number, left: ReadonlyMap<Phase, ReadonlySet<string>>): void {
    const missed = [...left].flatMap(([phase, all]) => [...all].map((moment) => `  ${phase} ${textOf(phase, moment)}`));
    const every = PHASES.flatMap((phase) => momentsOf(phase, victim));
    const sample = ALL
      ? ''
      : `; ${wanted} were planned, a sample (KILL_POINTS=all takes all, KILL_REQUESTS=5 more requests)`;
    const requests = every.filter(({ isRequest }) => isRequest).length;
    const told = `kill points by ${driver}: ${victim} killed at ${wanted - missed.length} of ${every.length}`;
    const what = `${requests} of them before, after and in a request to the Ceph worker, the others before and after a child`;
    process.stdout.write(`${[`${told}, ${what}${sample}`, ...missed].join('\n')}\n`);
  }

  function textOf(phase: Phase, moment: string): string {
    const point = recorded.get(phase)?.find(({ key }) => moment.startsWith(`${key}.`));
    return `${moment.split('.').at(-1) ?? ''} ${point?.text ?? moment}`;
  }

  /** Like an operator who applies again and again. */
  async function applyUntilDone(
    deployment: Deployment,
    build: (stack: TerraformStack) => void,
    victim: Victim,
  ): Promise<string[]> {
    deployment.synth(build);
    await deployment.init();
    const outputs: string[] = [];
    for (let lost: string[] = []; ;) {
      const replaced = lost.map((name) => `-replace=terraform_data.${name}_spec`);
      const running = deployment.start('apply', '-auto-approve', `-parallelism=${PARALLELISM}`, ...replaced);
      if (victim === 'terraform') await points.killTerraform(running.pid ?? 0, running);
      const { exitCode, all } = await running;
      outputs.push(all);
      if (exitCode === 0) return outputs;
      expect(deathsOfWorkers(all).filter((line) => !/error\[killed\]: .*kpi?-.*; apply again/.test(line))).toEqual([]);
      if (outputs.length === 30) throw new Error(`the apply did not converge:\n${saidOfKilled(outputs)}`);
      lost = byVirsh ? [] : lostByProvider(all);
      await forgetDeadLocks(deployment);
    }
  }

  /** The locks of images outlive their dead holders by a minute, for which this does not wait. */
  async function forgetDeadLocks({ stackFolder }: Deployment): Promise<void> {
    // Scripts that Terraform left behind end by themselves; a confirmation finishes, and holds its object's lock.
    await until('the scripts have ended', () => scriptsIn(stackFolder).length === 0);
    // What a dead worker had sent reaches a busy OSD a little later; a lock would have lasted far longer.
    await sleep(1000);
    if ((await admin.ceph('osd', 'pool', 'ls')).split('\n').includes('kp-base')) await forgetLocks(lab(), 'kp-base');
  }

  async function inDeployment(copies: Copies, work: (deployment: Deployment) => Promise<void>): Promise<void> {
    const deployment = new Deployment('kp');
    await startLegacyVms(admin, folder, copies['attach'] ?? 0);
    await admin.ceph('config', 'set', 'mon', 'mon_allow_pool_delete', 'true');
    try {
      await work(deployment);
    } finally {
      points.clear();
      deployment.remove();
      await removeLegacyVms(admin);
      await admin.clear('kp');
    }
  }
});

function copiesOf(count: (word: string) => number): Copies {
  return Object.fromEntries(WORDS.map((word) => [word, count(word)]));
}

function isTaken(index: number, stride: number, phase: Phase): boolean {
  return stride !== Infinity && index % stride === PHASES.indexOf(phase);
}
