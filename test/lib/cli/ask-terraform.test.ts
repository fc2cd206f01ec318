import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stateResources } from '../../../lib/cli/ask-terraform';
import { evaluate, evaluateAll } from '../../../lib/cli/terraform-console';
import { openStack } from '../../../lib/cli/terraform-stack';
import { Children } from '../../../lib/exec/children';
import { makeTools } from '../../../lib/exec/make-tools';
import type { Tools } from '../../../lib/steps/tools';

const STACK = { folder: '/stacks/shop', synthesized: {}, variables: [] };
const LOCKED = '\u001b[31mError: \u001b[0mError acquiring the state lock\n';

/** A `terraform console` that finds the state locked so many times before it answers; `said` is its error. */
function terraform(locked: number, said = LOCKED): { readonly tools: Tools; readonly slept: () => number } {
  let [left, slept] = [locked, 0];
  const answer = `[\n  "${Buffer.from('{"a":1}').toString('base64')}",\n]\n`;
  const tools: Partial<Tools> = {
    attempt: () =>
      Promise.resolve(
        left-- > 0 ? { exitCode: 1, stdout: '', stderr: said } : { exitCode: 0, stdout: answer, stderr: '' },
      ),
    sleep: () => Promise.resolve(void slept++),
  };
  return { tools: tools as Tools, slept: () => slept };
}

test.each([0, 3])('an expression is evaluated after the state was locked %i times', async (times) => {
  const { tools, slept } = terraform(times);
  expect(await evaluate(STACK, 'local.a', tools)).toEqual({ a: 1 });
  expect(slept()).toBe(times);
});

test('fails when the state stays locked, and says what to do', async () => {
  await expect(evaluate(STACK, 'local.a', terraform(1000).tools)).rejects.toThrow(
    "the state of '/stacks/shop' has been locked by an apply or another command for more than 30 s; try again once that has ended",
  );
});

test("fails at once on any other error, with Terraform's message and none of its colours", async () => {
  const box =
    '\u001b[31m╷\u001b[0m\n\u001b[31m│\u001b[0m \u001b[1mError: \u001b[0mUnsupported attribute\n│\n│   on x.tf\n╵\n';
  const { tools, slept } = terraform(1, box);
  await expect(evaluate(STACK, 'local.a', tools)).rejects.toThrow(
    "terraform in '/stacks/shop' ended with 1: Error: Unsupported attribute on x.tf; fix that and try again",
  );
  expect(slept()).toBe(0);
});

describe('with the real Terraform', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ask-terraform-'));
  const tools = makeTools({ children: new Children(), holder: 'a test', say: () => undefined });
  const write = (json: object): void => writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(json));
  const withVariables = (): void =>
    write({
      variable: { conf: { type: 'string', sensitive: true }, uri: { type: 'string' }, there: { default: 'x' } },
      locals: { spec: { confFile: '${var.conf}', uri: '${var.uri}' } },
    });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('reads the values of variables, sensitive ones too, from --var, --var-file and the environment', async () => {
    withVariables();
    writeFileSync(join(folder, 'some.tfvars'), 'conf = "/etc/ceph/a.conf"\nuri = "qemu:///session"\n');
    const words = [`-var-file=${join(folder, 'some.tfvars')}`, '-var=uri=qemu:///system'];
    expect(await evaluate(openStack(folder, undefined, words), 'local.spec', tools)).toEqual({
      confFile: '/etc/ceph/a.conf',
      uri: 'qemu:///system',
    });
    process.env['TF_VAR_conf'] = '/b.conf';
    expect(await evaluate(openStack(folder, undefined, ['-var=uri=u']), 'local.spec', tools)).toEqual({
      confFile: '/b.conf',
      uri: 'u',
    });
    delete process.env['TF_VAR_conf'];
  });

  test('several values are read at once, each in its place, more than a line of the console takes', async () => {
    const locals = Object.fromEntries(
      [...Array(40).keys()].map((index) => [`spec_${index}${'_'.repeat(2000)}`, { index }]),
    );
    const secret = { variable: { conf: { type: 'string', sensitive: true, default: 'c' } } };
    write({
      ...secret,
      resource: { terraform_data: { a: {} } },
      locals: { ...locals, same: { index: 7 }, hidden: '${var.conf}', later: '${terraform_data.a.id}' },
    });
    const names = [...Object.keys(locals), 'later', 'hidden', 'same'].map((name) => `local.${name}`);
    const values = await evaluateAll(openStack(folder, undefined, []), names, tools);
    expect(values.slice(0, 40)).toEqual(Object.values(locals));
    expect(values.slice(40)).toEqual([undefined, 'c', { index: 7 }]);
  });

  test('fails when variables have no value, and names each with the ways to set it', async () => {
    withVariables();
    await expect(evaluate(openStack(folder, undefined, ['-var=uri=u']), 'local.spec', tools)).rejects.toThrow(
      `the stack in '${folder}' has variables without a value: conf; set them as for Terraform: TF_VAR_conf=... in the environment, or --var conf=..., or --var-file FILE`,
    );
  });

  test.each([
    [
      'a provider',
      {
        terraform: { required_providers: { null: { source: 'hashicorp/null' } } },
        resource: { null_resource: { a: {} } },
      },
    ],
    ['a backend', { terraform: { backend: { local: { path: 'other.tfstate' } } } }],
    ['a module', { module: { m: { source: './m' } } }],
  ])('fails in one plain line when init was not run for %s', async (_, json) => {
    write(json);
    const stack = openStack(folder);
    const said = `Terraform is not initialized in '${folder}', or not since its providers, modules or backend changed; run this and try again: terraform -chdir=${folder} init`;
    await expect(evaluate(stack, '1', tools)).rejects.toThrow(said);
    const shown = await stateResources(stack, tools).catch((error: unknown) => (error as Error).message);
    expect([[], said]).toContainEqual(shown);
  });
});
