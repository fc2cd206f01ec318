import { runSteps, verifySteps } from '../../../lib/exec/run';
import { differs, OK, okButEnsure, type Step } from '../../../lib/steps/step';
import { Refusal, ToolError, type Tools } from '../../../lib/steps/tools';

type Spec = Parameters<typeof verifySteps>[1];
const spec = { v: 1, registry: 't', owner: { project: 'p', stack: 's', workspace: 'default' } } as Spec;
const kind = { title: () => `thing 'x'`, lock: () => ({ file: 'x', transport: { type: 'local' } as const }) };

function tools(log: string[]): Tools {
  const fake = {
    say: (line: string) => log.push(line),
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
  const steps = [step('a', async () => okButEnsure('it cannot be read back'), log)];
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
