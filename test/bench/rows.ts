import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Transport } from '../../constructs';
import type { LabInfo } from '../../lab/lab';
import { wordsInto } from '../helpers/lab';
import { Sshd } from '../helpers/sshd';
import { BY_HAND, ByHand } from './by-hand';
import { compared, inTurn, type Measured, median, run, type Sample, shown } from './measure';
import { bareStack, OURS, Stack, type VmsOptions, type Way } from './stack';
import { StateServer } from './state-server';

const CLI = join(__dirname, '../../dist/lib/cli.cjs');

/** The folder of a row, and its lab. */
export interface Place {
  readonly folder: string;
  readonly lab: LabInfo;
}

/** From nothing, and destroyed again: the same work by hand and by the stack. */
export async function applies(place: Place, vms: number, times: number, to: { apply: number; destroy?: number }) {
  const { hand, stack } = await sides(place, vms);
  const found = { hand: [] as Sample[], ours: [] as Sample[], handGone: [] as Sample[], oursGone: [] as Sample[] };
  for (let i = 0; i < times; i++) {
    found.hand.push(await run(hand.make(vms)));
    found.handGone.push(await run(hand.remove(vms)));
    await run(hand.wipe(BY_HAND));
    found.ours.push(await stack.apply());
    found.oursGone.push(await stack.destroy());
    await run(hand.wipe(OURS));
  }
  const count = `${vms} VM${vms === 1 ? '' : 's'}`;
  const lines = [compared(`apply of ${count}, from nothing; by hand`, found.ours, found.hand, to.apply)];
  if (to.destroy !== undefined)
    lines.push(compared(`destroy of ${count}; by hand`, found.oursGone, found.handGone, to.destroy));
  return lines;
}

/** Many VMs from nothing; then a change of one of them, and a plan without changes. */
export async function many(place: Place, vms: number, times: number): Promise<Measured[]> {
  const { hand, stack } = await sides(place, vms);
  const wipe = (): Promise<Sample> => run(hand.wipe(BY_HAND, OURS));
  const applied = await inTurn(times, {
    hand: async () => {
      await wipe();
      return run(hand.make(vms));
    },
    ours: async () => {
      await wipe();
      stack.forget();
      return stack.apply();
    },
  });
  await run(hand.make(1));
  let round = 0;
  const grown = (): number => 8 + 4 * round;
  const changes = await inTurn(times, {
    hand: () => run(hand.change(32 + ++round, `${grown()}M`)),
    ours: () => stack.synth(vms, { memory: 32 + round, dataSize: grown() }).apply(),
  });
  const bare = await bareStack(mkdtempSync(join(place.folder, 'bare-')), stack.resources);
  const plans = await inTurn(5, { bare: () => run(bare), ours: () => stack.terraform(['plan']) });
  await wipe();
  return [
    compared(`apply of ${vms} VMs, from nothing; by hand`, applied.ours, applied.hand, 0.7),
    compared(`change of one VM of ${vms} (memory and a disk's size, live); by hand`, changes.ours, changes.hand, 2),
    compared(`plan of ${vms} VMs, nothing changed; as many bare terraform_data`, plans.ours, plans.bare, 1.2),
  ];
}

/** Ceph and libvirt over ssh on loopback, compared with the same stack without ssh. */
export async function overSsh(place: Place, vms: number, times: number): Promise<Measured[]> {
  const { lab } = place;
  const sshd = new Sshd();
  const path = process.env['PATH'];
  await sshd.start(wordsInto(lab));
  process.env['PATH'] = sshd.path;
  const query = `keyfile=${sshd.keyFile}&knownhosts=${sshd.knownHosts}`;
  const way: Way = {
    uri: `qemu+ssh://root@127.0.0.1:${sshd.port}/system?${query}`,
    transport: Transport.ssh('root@127.0.0.1', { port: sshd.port, identityFile: sshd.keyFile }),
  };
  try {
    const local = await sides(place, vms);
    const far = await sides(place, vms, { way });
    const cleared = async (stack: Stack): Promise<Sample> => {
      const sample = await stack.apply();
      await stack.destroy();
      await run(local.hand.wipe(OURS));
      return sample;
    };
    const found = await inTurn(times, { local: () => cleared(local.stack), far: () => cleared(far.stack) });
    const row = `apply of ${vms} VM${vms === 1 ? '' : 's'} over ssh on loopback; the local apply`;
    return [compared(row, found.far, found.local, 1.5)];
  } finally {
    process.env['PATH'] = path;
    await sshd.stop();
  }
}

/** Parallel command lines that make the objects to verify. */
const AT_ONCE = 4;

/** Looks at VMs that are off: the looks are the same, and hundreds of running VMs would overload the machine. */
export async function verifies(place: Place, small: number, large: number): Promise<Measured[]> {
  const server = new StateServer();
  try {
    const stateAddress = await server.start();
    const { hand, stack } = await sides(place, small, { options: { running: false }, stateAddress });
    const few = await verified(place, stack, small);
    const many = await verified(place, stack, large);
    await run(hand.wipe(OURS));
    const seconds = { value: median(few), unit: ' s', target: 5 };
    return [
      { row: `verify of ${small} VMs with ${2 * small} images`, ours: shown(few), against: '', reached: seconds },
      compared(`verify of ${large} VMs; of ${small}`, many, few, large / small),
    ];
  } finally {
    server.stop();
  }
}

/** The state comes from an apply whose scripts do nothing, the objects from `repair`: few processes for all of them. */
async function verified({ folder }: Place, stack: Stack, vms: number): Promise<Sample[]> {
  const nothing = mkdtempSync(join(folder, 'bin-'));
  writeFileSync(join(nothing, 'node'), '#!/bin/sh\n', { mode: 0o755 });
  const cli = (verb: string, ...more: string[]): Promise<Sample> =>
    run({ argv: [process.execPath, CLI, verb, ...more, '--dir', stack.cwd], cwd: stack.cwd });
  const before = new Set(stack.made);
  stack.synth(vms, { running: false });
  await stack.terraform(['apply', '-auto-approve', '-parallelism=30'], {
    PATH: `${nothing}:${process.env['PATH'] ?? ''}`,
  });
  const added = stack.objects.filter((one) => !before.has(one));
  // A VM needs its images, and these need what is beside them.
  const [ofVms, others] = parted(added, (one) => one.includes(`${OURS}-vm`));
  const [images, machines] = parted(ofVms, (one) => /-(root|vdb)_spec$/.test(one));
  for (const some of [others, images, machines]) await inShares(some, (share) => cli('repair', '--yes', ...share));
  stack.made = stack.objects;
  return (await inTurn(3, { ours: () => cli('verify') })).ours;
}

function parted<T>(all: readonly T[], isFirst: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

/** At least ten objects per share, because they may need each other. */
async function inShares<T>(all: readonly T[], work: (share: readonly T[]) => Promise<unknown>): Promise<void> {
  const size = Math.max(10, Math.ceil(all.length / AT_ONCE));
  const starts = Array.from({ length: Math.ceil(all.length / size) }, (_, i) => i * size);
  await Promise.all(starts.map((from) => work(all.slice(from, from + size))));
}

async function sides(
  place: Place,
  vms: number,
  {
    way,
    options,
    stateAddress,
  }: { readonly way?: Way; readonly options?: VmsOptions; readonly stateAddress?: string } = {},
): Promise<{ hand: ByHand; stack: Stack }> {
  const base = join(place.folder, 'base.raw');
  const hand = new ByHand(place.lab, base);
  await run(hand.wipe(BY_HAND, OURS));
  const stack = new Stack(mkdtempSync(join(place.folder, 'stack-')), place.lab, base, way, stateAddress);
  return { hand, stack: await stack.synth(vms, options).init() };
}
