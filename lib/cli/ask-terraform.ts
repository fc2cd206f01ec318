import { type Outcome, Refusal, type Tools } from '../steps/tools';
import { type Stack, terraform, terraformBinary } from './terraform-stack';

/** Seconds to wait for the lock of the state. */
const STATE_LOCK = 30;
const SENSITIVE = '(sensitive value)';

/** A resource of the state, as `terraform show -json` prints it. */
export interface StateResource {
  readonly address: string;
  readonly mode?: string;
  readonly type: string;
  readonly name: string;
  /** An entry's key in its registry. */
  readonly index?: unknown;
  readonly values: { readonly [name: string]: unknown };
}

/** All resources in the state; none before the first apply. */
export async function stateResources(stack: Stack, tools: Tools): Promise<readonly StateResource[]> {
  const outcome = await tools.attempt(terraform(stack, 'show', '-json'));
  if (outcome.exitCode !== 0) throw refusalOf(stack, outcome);
  const state = parseShown(outcome.stdout) as {
    readonly values?: { readonly root_module: { readonly resources?: readonly StateResource[] } };
  };
  return state.values?.root_module.resources ?? [];
}

/**
 * Parses the output of `show -json`. OpenTofu (1.12) prints warnings before it, for example about its own configuration
 * file.
 */
export function parseShown(stdout: string): unknown {
  return JSON.parse(stdout.slice(Math.max(0, stdout.search(/^\{/m))));
}

/** Terraform's value of an expression; undefined if it is only known after an apply. */
export async function evaluate(stack: Stack, expression: string, tools: Tools): Promise<unknown> {
  return (await evaluateAll(stack, [expression], tools))[0];
}

/**
 * The same for several expressions, by one console, in their order. It prints strings in its own notation, so it is
 * asked for base64. Throws if a value is unknown because a variable has none.
 */
export async function evaluateAll(
  stack: Stack,
  expressions: readonly string[],
  tools: Tools,
): Promise<readonly unknown[]> {
  const encoded = expressions.map((one) => `base64encode(jsonencode(${one}))`);
  const shown = await askConsole(stack, encoded, tools);
  // Only if needed: older releases refuse it for values that are not sensitive.
  const hidden = encoded.filter((_, index) => shown[index] === SENSITIVE);
  const open = await askConsole(
    stack,
    hidden.map((one) => `nonsensitive(${one})`),
    tools,
  );
  const printed = shown.map((line) => (line === SENSITIVE ? (open.shift() as string) : line));
  const unknown = expressions.find((_, index) => isUnknown(printed[index]));
  if (unknown !== undefined) await refuseUnset(stack, unknown, tools);
  return printed.map((line) => (isUnknown(line) ? undefined : decoded(line)));
}

/** "(known after apply)" */
function isUnknown(printed: string | undefined): boolean {
  return printed?.startsWith('(') ?? true;
}

function decoded(printed: string): unknown {
  return JSON.parse(Buffer.from(printed.replace(/["\s]/g, ''), 'base64').toString('utf8'));
}

/** The console does not ask for variables: what depends on one without a value is unknown to it. */
async function refuseUnset(stack: Stack, expression: string, tools: Tools): Promise<void> {
  const { variable = {} } = stack.synthesized;
  const required = Object.keys(variable).filter((name) => variable[name]?.default === undefined);
  if (required.some((name) => expression === `var.${name}`)) return;
  const printed = await askConsole(
    stack,
    required.map((name) => `jsonencode(var.${name})`),
    tools,
  );
  const unset = required.filter((_, index) => isUnknown(printed[index]) && printed[index] !== SENSITIVE);
  if (unset.length === 0) return;
  throw new Refusal(
    `the stack in '${stack.folder}' has variables without a value: ${unset.join(', ')}`,
    `set them as for Terraform: ${unset.map((name) => `TF_VAR_${name}=... in the environment, or --var ${name}=...`).join(', ')}, or --var-file FILE`,
    'variables-unset',
  );
}

/**
 * What Terraform's console prints for each expression, one line for each. It briefly locks the state, which an apply
 * locks for its whole time: waits for that.
 */
async function askConsole(stack: Stack, expressions: readonly string[], tools: Tools): Promise<string[]> {
  if (expressions.length === 0) return [];
  const command = terraform(stack, 'console', ...stack.variables);
  for (let waited = 0; ; waited++) {
    const outcome = await tools.attempt(command, { input: `${expressions.join('\n')}\n` });
    // OpenTofu (1.12) prints warnings before the results.
    if (outcome.exitCode === 0) return outcome.stdout.trim().split('\n').slice(-expressions.length);
    if (!outcome.stderr.includes('Error acquiring the state lock')) throw refusalOf(stack, outcome);
    if (waited === STATE_LOCK) {
      throw new Refusal(
        `the state of '${stack.folder}' has been locked by an apply or another command for more than ${STATE_LOCK} s`,
        `try again once that has ended ('${terraformBinary()} force-unlock' removes a lock whose holder is gone)`,
        'state-locked',
      );
    }
    await tools.sleep(1);
  }
}

/**
 * Terraform's messages when `init` was not run, or not since the providers, the lock file, a module or the backend
 * changed.
 */
const NOT_INITIALIZED =
  /(terraform|tofu) init|Inconsistent dependency lock file|Required plugins are not installed|Backend initialization required|Module not installed|could not load plugin/i;

/** Terraform prints errors as coloured boxes; their last lines say the least. */
export function refusalOf({ folder }: Pick<Stack, 'folder'>, { stderr, exitCode }: Outcome): Refusal {
  const plain = stderr.replace(/\u001b\[[\d;]*m/g, '');
  if (NOT_INITIALIZED.test(plain)) {
    return new Refusal(
      `Terraform is not initialized in '${folder}', or not since its providers, modules or backend changed`,
      `run this and try again: ${terraformBinary()} -chdir=${folder} init`,
      'terraform-init',
    );
  }
  const lines = plain.split('\n').map((line) => line.replace(/^[╷│╵|\s]+/, '').trim());
  const said = lines.filter((line) => line !== '');
  const from = Math.max(
    0,
    said.findIndex((line) => line.startsWith('Error: ')),
  );
  return new Refusal(
    `${terraformBinary()} in '${folder}' ended with ${exitCode}: ${said.slice(from, from + 4).join(' ') || 'no message'}`,
    'fix that and try again',
    'terraform-failed',
  );
}
