import { runSteps, verifySteps } from '../../../lib/exec/run-steps';
import { alwaysAct, differs, fine, type Judgement, OK, type Step, type StepList } from '../../../lib/steps/step';
import { Refusal, type Tools } from '../../../lib/steps/tools';

type Spec = Parameters<typeof verifySteps>[1];
const spec = { v: 1, entryId: 't', owner: { project: 'p', stack: 's', workspace: 'default' } } as Spec;
const kind = { title: () => `thing 'x'`, lock: () => ({ file: 'x', transport: { type: 'local' } as const }) };

function tools(log: string[]): Tools {
  const fake = {
    say: (line: string) => log.push(line),
    warn: (line: string) => log.push(`Warning: ${line}`),
    withLock: async (_: unknown, work: () => Promise<void>) => {
      log.push('lock');
      await work();
      log.push('unlock');
    },
  };
  return fake as unknown as Tools;
}

/** Steps with these verdicts, which look at nothing. */
function list(judgements: { readonly [name: string]: () => Judgement }, log: string[] = []): StepList<Spec, undefined> {
  const steps = Object.entries(judgements).map(([name, judge]) => ({
    name,
    describe: () => [],
    judge,
    act: async () => void log.push(`act ${name}`),
  }));
  return { observe: async () => undefined, steps };
}

function refuse(): never {
  throw new Refusal('it is not ours', 'adopt it', 'unmarked');
}

test('only steps that differ act, under the lock, and say why', async () => {
  const log: string[] = [];
  const steps = list({ a: () => OK, b: () => differs('it is missing') }, log);
  await runSteps(kind, steps, spec, tools(log), {});
  expect(log).toEqual(['lock', `thing 'x': it is missing: b`, 'act b', 'unlock']);
});

test('a step that cannot see a difference always acts, and verify accepts it', async () => {
  const log: string[] = [];
  const steps = list({ a: () => alwaysAct('it cannot be read back') }, log);
  await runSteps(kind, steps, spec, tools(log), {});
  expect(log).toContain('act a');
  await expect(verifySteps(steps, spec, tools([]), {})).resolves.toEqual([]);
});

test('the step that was running when something failed is known', async () => {
  const progress: { doing?: string } = {};
  await expect(runSteps(kind, list({ a: refuse }), spec, tools([]), progress)).rejects.toThrow('it is not ours');
  expect(progress.doing).toBe('a');
});

test('verify never acts, goes on after a difference, and counts a refusal as one', async () => {
  const log: string[] = [];
  const found = await verifySteps(list({ a: () => differs('x'), b: refuse }, log), spec, tools(log), {});
  expect(found).toEqual([
    { step: 'a', differs: 'x' },
    { step: 'b', differs: 'it is not ours; adopt it' },
  ]);
  expect(log).toEqual([]);
});

/** A world that is one number; `log` records every look and every act. */
function listOf(log: string[], looks: readonly number[], steps: readonly Step<Spec, number>[]): StepList<Spec, number> {
  let next = 0;
  const observe = async (): Promise<number> => {
    log.push('look');
    return looks[next++] as number;
  };
  return { observe, steps };
}

function judged(
  name: string,
  judge: Step<Spec, number>['judge'],
  act: Step<Spec, number>['act'] = async () => undefined,
): Step<Spec, number> {
  return { name, describe: () => [], judge, act };
}

const below = (least: number) => (_: Spec, world: number) => (world < least ? differs(`it is ${world}`) : OK);

test('a list of steps looks once when nothing differs', async () => {
  const log: string[] = [];
  await runSteps(kind, listOf(log, [5], [judged('a', below(1)), judged('b', below(2))]), spec, tools(log), {});
  expect(log).toEqual(['lock', 'look', 'unlock']);
});

test('after an action the next step is judged by a new look, and the last action is followed by none', async () => {
  const log: string[] = [];
  const act = (name: string) => async (_: Spec, world: number) => void log.push(`act ${name} at ${world}`);
  const steps = [judged('a', below(1), act('a')), judged('b', below(2), act('b'))];
  await runSteps(kind, listOf(log, [0, 1, 9], steps), spec, tools(log), {});
  expect(log).toEqual([
    'lock',
    'look',
    `thing 'x': it is 0: a`,
    'act a at 0',
    'look',
    `thing 'x': it is 1: b`,
    'act b at 1',
    'unlock',
  ]);
});

test('an action that returns the new state saves the look', async () => {
  const log: string[] = [];
  const steps = [judged('a', below(1), async () => 7), judged('b', below(2)), judged('c', below(8))];
  await runSteps(kind, listOf(log, [0], steps), spec, tools(log), {});
  expect(log).toEqual(['lock', 'look', `thing 'x': it is 0: a`, `thing 'x': it is 7: c`, 'unlock']);
});

test('the notes of a judgement are printed before its action, and by verify too', async () => {
  const log: string[] = [];
  const steps = [
    judged('a', () => fine({ warn: 'it is not lowered' })),
    judged(
      'b',
      () => differs('it is gone', { say: 'it was there' }),
      async () => void log.push('act b'),
    ),
  ];
  await runSteps(kind, listOf(log, [0], steps), spec, tools(log), {});
  expect(log.slice(2, -1)).toEqual(['Warning: it is not lowered', 'it was there', `thing 'x': it is gone: b`, 'act b']);
  log.length = 0;
  await verifySteps(listOf(log, [0], steps), spec, tools(log), {});
  expect(log).toEqual(['look', 'Warning: it is not lowered', 'it was there']);
});

test('each driver has its own steps when a kind says so', async () => {
  const log: string[] = [];
  const steps = { provider: [judged('p', below(9))], virsh: [judged('v', below(9))] };
  const both = { ...listOf(log, [1], []), steps };
  await expect(verifySteps(both, { ...spec, driver: 'virsh' } as Spec, tools(log), {})).resolves.toEqual([
    { step: 'v', differs: 'it is 1' },
  ]);
});

test('verify looks once, goes on after a judgement refuses, and stops when the look itself fails', async () => {
  const log: string[] = [];
  const steps = [judged('a', refuse), judged('b', below(2))];
  await expect(verifySteps(listOf(log, [1], steps), spec, tools(log), {})).resolves.toEqual([
    { step: 'a', differs: 'it is not ours; adopt it' },
    { step: 'b', differs: 'it is 1' },
  ]);
  expect(log).toEqual(['look']);
  const blind = { observe: async () => refuse(), steps };
  await expect(verifySteps(blind, spec, tools(log), {})).resolves.toEqual([
    { step: 'look at it', differs: 'it is not ours; adopt it' },
  ]);
});

test('a failed look is reported as such', async () => {
  const progress: { doing?: string } = {};
  const blind = { observe: async () => Promise.reject(new Error('no')), steps: [judged('a', below(1))] };
  await expect(runSteps(kind, blind, spec, tools([]), progress)).rejects.toThrow('no');
  expect(progress.doing).toBe('look at it');
  await expect(verifySteps(blind, spec, tools([]), progress)).rejects.toThrow('no');
});
