import { Refusal, type Tools } from '../steps/tools';
import { refusalOf } from './ask-terraform';
import { type Stack, terraform, terraformBinary } from './terraform-stack';

/** Seconds to wait for the lock of the state. */
const STATE_LOCK = 30;
const SENSITIVE = '(sensitive value)';
/** The console (Terraform 1.11) reads lines of up to 64 KiB, and prints only the result of the last one. */
const LONGEST_LINE = 60_000;

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

/** What Terraform's console prints for each expression. */
async function askConsole(stack: Stack, expressions: readonly string[], tools: Tools): Promise<string[]> {
  const lines: string[][] = [];
  let length = Infinity;
  for (const one of expressions) {
    if (length + one.length > LONGEST_LINE) {
      lines.push([]);
      length = 0;
    }
    lines.at(-1)?.push(one);
    length += one.length + 1;
  }
  const printed: string[] = [];
  for (const line of lines) printed.push(...(await askList(stack, line, tools)));
  return printed;
}

/**
 * Asks for a list, whose elements are printed one a line. The console briefly locks the state, which an apply locks for
 * its whole time: waits for that.
 */
async function askList(stack: Stack, expressions: readonly string[], tools: Tools): Promise<string[]> {
  const command = terraform(stack, 'console', ...stack.variables);
  for (let waited = 0; ; waited++) {
    const outcome = await tools.attempt(command, { input: `[${expressions.join(',')}]\n` });
    // OpenTofu (1.12) prints warnings before the list.
    const shown = outcome.stdout
      .trim()
      .split('\n')
      .slice(-expressions.length - 1, -1);
    if (outcome.exitCode === 0) return shown.map((line) => line.trim().replace(/,$/, ''));
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
