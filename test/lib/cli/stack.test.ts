import { evaluate } from '../../../lib/cli/stack';
import type { Tools } from '../../../lib/steps/tools';

const STACK = { folder: '/stacks/shop', synthesized: {} };
const LOCKED = '\u001b[31mError: \u001b[0mError acquiring the state lock\n';

/** Terraform's console, which finds the state locked so many times before it answers; `said` is its error. */
function terraform(locked: number, said = LOCKED): { readonly tools: Tools; readonly slept: () => number } {
  let [left, slept] = [locked, 0];
  const answer = `"${Buffer.from('{"a":1}').toString('base64')}"\n`;
  const tools: Partial<Tools> = {
    attempt: () =>
      Promise.resolve(
        left-- > 0 ? { exitCode: 1, stdout: '', stderr: said } : { exitCode: 0, stdout: answer, stderr: '' },
      ),
    sleep: () => Promise.resolve(void slept++),
  };
  return { tools: tools as Tools, slept: () => slept };
}

test.each([0, 3])('an expression has its value, after the state was locked %i times', async (times) => {
  const { tools, slept } = terraform(times);
  expect(await evaluate(STACK, 'local.a', tools)).toEqual({ a: 1 });
  expect(slept()).toBe(times);
});

test('fails where the state stays locked, and says what to do', async () => {
  await expect(evaluate(STACK, 'local.a', terraform(1000).tools)).rejects.toThrow(
    "the state of '/stacks/shop' is locked by an apply or another command, for more than 30 s; try again once that has ended",
  );
});

test('fails at once on anything else', async () => {
  const { tools, slept } = terraform(1, 'Error: Inconsistent dependency lock file');
  await expect(evaluate(STACK, 'local.a', tools)).rejects.toThrow('Inconsistent dependency lock file');
  expect(slept()).toBe(0);
});
