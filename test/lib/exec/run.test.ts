import { runSteps, verifySteps } from '../../../lib/exec/run';
import { alwaysAct, differs, fine, type JudgedStep, OK, type Step, type StepList } from '../../../lib/steps/step';
import { Refusal, ToolError, type Tools } from '../../../lib/steps/tools';

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

function step(name: string, observe: Step<Spec>['observe'], log: string[] = []): Step<Spec> {
  return { name, describe: () => [], observe, act: async () => void log.push(`act ${name}`) };
}

test('only steps that differ act, under the lock, and say why', async () => {
  const log: string[] = [];
  const steps = [step('a', async () => OK, log), step('b', async () => differs('it is missing'), log)];
  await runSteps(kind, steps, spec, tools(log), {});
  expect(log).toEqual(['lock', `thing 'x': it is missing: b`, 'act b', 'unlock']);
});

test('a step that cannot see acts, and verify is content with it', async () => {
  const log: string[] = [];
  const steps = [step('a', async () => alwaysAct('it cannot be read back'), log)];
  await runSteps(kind, steps, spec, tools(log), {});
  expect(log).toContain('act a');
  await expect(verifySteps(steps, spec, tools([]), {})).resolves.toEqual([]);
});

test('the step that was at work when something failed is known', async () => {
  const progress: { doing?: string } = {};
  const steps = [step('a', async () => Promise.reject(new Error('no')))];
  await expect(runSteps(kind, steps, spec, tools([]), progress)).rejects.toThrow('no');
  expect(progress.doing).toBe('a');
});

test('verify never acts, goes on after a difference, and takes a refusal for one', async () => {
  const log: string[] = [];
  const refusing = step('b', async () => Promise.reject(new Refusal('it is not ours', 'adopt it')), log);
  const found = await verifySteps([step('a', async () => differs('x'), log), refusing], spec, tools(log), {});
  expect(found).toEqual([
    { step: 'a', differs: 'x' },
    { step: 'b', differs: 'it is not ours; adopt it' },
  ]);
  expect(log).toEqual([]);
});

test('verify fails when a tool fails, unless something before it was missing', async () => {
  const error = new ToolError(
    { argv: ['rbd'], transport: { type: 'local' } },
    { exitCode: 2, stdout: '', stderr: 'no' },
  );
  const failing = step('b', async () => Promise.reject(error));
  await expect(verifySteps([failing], spec, tools([]), {})).rejects.toThrow(error);
  const found = await verifySteps([step('a', async () => differs('gone')), failing], spec, tools([]), {});
  expect(found).toHaveLength(2);
});

/** A world of one number; `log` gets every look and every act. */
function listOf(log: string[], looks: readonly number[], steps: readonly JudgedStep<Spec, number>[]) {
  let next = 0;
  const list: StepList<Spec, number> = {
    observe: async () => {
      log.push('look');
      return looks[next++] as number;
    },
    steps,
  };
  return list;
}

function judged(
  name: string,
  judge: JudgedStep<Spec, number>['judge'],
  act: JudgedStep<Spec, number>['act'] = async () => undefined,
): JudgedStep<Spec, number> {
  return { name, describe: () => [], judge, act };
}

const below = (least: number) => (_: Spec, world: number) => (world < least ? differs(`it is ${world}`) : OK);

test('a list is looked at once where nothing differs', async () => {
  const log: string[] = [];
  await runSteps(kind, listOf(log, [5], [judged('a', below(1)), judged('b', below(2))]), spec, tools(log), {});
  expect(log).toEqual(['lock', 'look', 'unlock']);
});

test('after an act the next step is judged by a new look, and the last act is followed by none', async () => {
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

test('an act that knows the world spares the look', async () => {
  const log: string[] = [];
  const steps = [judged('a', below(1), async () => 7), judged('b', below(2)), judged('c', below(8))];
  await runSteps(kind, listOf(log, [0], steps), spec, tools(log), {});
  expect(log).toEqual(['lock', 'look', `thing 'x': it is 0: a`, `thing 'x': it is 7: c`, 'unlock']);
});

test('the notes of a judgement are told before its act, and by verify too', async () => {
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

test('steps that look for themselves may stand between, and an act of theirs makes the list look again', async () => {
  const log: string[] = [];
  const looking = step('b', async () => differs('gone'), log);
  const list = { ...listOf(log, [3, 4], []), steps: [judged('a', below(1)), looking, judged('c', below(5))] };
  await runSteps(kind, list, spec, tools(log), {});
  expect(log).toEqual(['lock', 'look', `thing 'x': gone: b`, 'act b', 'look', `thing 'x': it is 4: c`, 'unlock']);
});

test('each driver has its own steps where a kind says so', async () => {
  const log: string[] = [];
  const steps = { provider: [judged('p', below(9))], virsh: [judged('v', below(9))] };
  const list = { ...listOf(log, [1], []), steps };
  await expect(verifySteps(list, { ...spec, driver: 'virsh' } as Spec, tools(log), {})).resolves.toEqual([
    { step: 'v', differs: 'it is 1' },
  ]);
});

test('verify looks once, goes on after a refusal of a judgement, and ends at one of the look', async () => {
  const log: string[] = [];
  const refuse = (): never => {
    throw new Refusal('it is not ours', 'adopt it');
  };
  const steps = [judged('a', refuse), judged('b', below(2))];
  await expect(verifySteps(listOf(log, [1], steps), spec, tools(log), {})).resolves.toEqual([
    { step: 'a', differs: 'it is not ours; adopt it' },
    { step: 'b', differs: 'it is 1' },
  ]);
  expect(log).toEqual(['look']);
  const blind = { observe: async () => refuse(), steps };
  await expect(verifySteps(blind, spec, tools(log), {})).resolves.toEqual([
    { step: 'looking at it', differs: 'it is not ours; adopt it' },
  ]);
});

test('a look that failed is known as such', async () => {
  const progress: { doing?: string } = {};
  const blind = { observe: async () => Promise.reject(new Error('no')), steps: [judged('a', below(1))] };
  await expect(runSteps(kind, blind, spec, tools([]), progress)).rejects.toThrow('no');
  expect(progress.doing).toBe('looking at it');
  await expect(verifySteps(blind, spec, tools([]), progress)).rejects.toThrow('no');
});
