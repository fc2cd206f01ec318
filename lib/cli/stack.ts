import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OwnerSpec } from '../model';
import { type Command, Refusal, ToolError, type Tools } from '../steps/tools';

const SYNTHESIZED = 'cdk.tf.json';
/** Seconds to wait for whoever has the state locked. */
const STATE_LOCK = 30;

/** What cdktf synthesizes, as far as it is read here. */
export interface Synthesized {
  readonly locals?: { readonly [name: string]: unknown };
  readonly provider?: { readonly libvirt?: readonly SynthesizedProvider[] };
  readonly resource?: {
    readonly [type: string]: { readonly [name: string]: SynthesizedResource };
  };
}
export interface SynthesizedProvider {
  readonly alias?: string;
  readonly uri?: string;
}
export interface SynthesizedResource {
  readonly name?: string;
  readonly provider?: string;
  readonly depends_on?: readonly string[];
  /** Of a registry: what removal needs, by key. */
  readonly for_each?: { readonly [key: string]: SynthesizedEntry };
  readonly provisioner?: readonly { readonly 'local-exec': { readonly command: string } }[];
}

export interface SynthesizedEntry {
  readonly owner: OwnerSpec;
  readonly host?: { readonly uri: string };
}

/** One synthesized stack, in the folder where Terraform runs. */
export interface Stack {
  readonly folder: string;
  readonly synthesized: Synthesized;
}

/** A resource of the state, as `terraform show -json` prints it. */
export interface StateResource {
  readonly address: string;
  readonly mode?: string;
  readonly type: string;
  readonly name: string;
  readonly values: { readonly [name: string]: unknown };
}

/** The stack in a folder: the folder itself, or what cdktf made below it. `name` chooses where there are several. */
export function openStack(folder: string, name?: string): Stack {
  const below = join(folder, 'cdktf.out', 'stacks');
  const names = existsSync(below) ? readdirSync(below).filter((one) => existsSync(join(below, one, SYNTHESIZED))) : [];
  if (name === undefined && existsSync(join(folder, SYNTHESIZED))) return read(folder);
  if (name !== undefined && names.includes(name)) return read(join(below, name));
  if (name === undefined && names.length === 1) return read(join(below, names[0] as string));
  const there = names.length === 0 ? 'none there' : `there: ${names.join(', ')}`;
  if (name !== undefined) throw new Refusal(`'${below}' has no stack '${name}'`, `choose one by --stack (${there})`);
  if (names.length > 1) throw new Refusal(`'${below}' has several stacks`, `choose one by --stack (${there})`);
  throw new Refusal(
    `no synthesized stack in '${folder}': neither ${SYNTHESIZED} nor cdktf.out/stacks`,
    "run 'cdktf synth' there, or name another folder by --dir",
  );
}

/** `terraform` in the stack's folder; the variable is the one that cdktf's own CLI takes. */
export function terraform({ folder }: Stack, ...args: string[]): Command {
  const binary = process.env['TERRAFORM_BINARY_NAME'] ?? 'terraform';
  // Without the variable, a network that swallows packets holds Terraform up for minutes.
  return { argv: ['env', 'CHECKPOINT_DISABLE=1', binary, `-chdir=${folder}`, ...args], transport: { type: 'local' } };
}

/** All resources of the state; none before the first apply. */
export async function stateResources(stack: Stack, tools: Tools): Promise<readonly StateResource[]> {
  const state = JSON.parse(await tools.run(terraform(stack, 'show', '-json'))) as {
    readonly values?: { readonly root_module: { readonly resources?: readonly StateResource[] } };
  };
  return state.values?.root_module.resources ?? [];
}

/**
 * What Terraform makes of an expression. Its console prints a string in a notation of its own, so it is asked for base64;
 * what it knows only after an apply is undefined.
 */
export async function evaluate(stack: Stack, expression: string, tools: Tools): Promise<unknown> {
  const input = `base64encode(jsonencode(${expression}))\n`;
  const printed = await askConsole(stack, input, tools);
  if (printed.startsWith('(')) return undefined;
  return JSON.parse(Buffer.from(printed.replace(/["\s]/g, ''), 'base64').toString('utf8'));
}

/** Terraform's console locks the state for its moment, as an apply does for its whole time: that is waited for. */
async function askConsole(stack: Stack, input: string, tools: Tools): Promise<string> {
  const command = terraform(stack, 'console');
  for (let waited = 0; ; waited++) {
    const outcome = await tools.attempt(command, { input });
    if (outcome.exitCode === 0) return outcome.stdout.trim();
    if (!outcome.stderr.includes('Error acquiring the state lock')) throw new ToolError(command, outcome);
    if (waited === STATE_LOCK) {
      throw new Refusal(
        `the state of '${stack.folder}' is locked by an apply or another command, for more than ${STATE_LOCK} s`,
        "try again once that has ended ('terraform force-unlock' takes a lock away whose holder is gone)",
      );
    }
    await tools.sleep(1);
  }
}

/** A piece of the synthesized JSON as an expression; in the code between `${` and `}` quotes are no text. */
export function expressionOf(json: unknown): string {
  return JSON.stringify(json).replace(/(?<!\$)\$\{[^}]*\}/g, (code) => code.replaceAll('\\"', '"'));
}

function read(folder: string): Stack {
  return { folder, synthesized: JSON.parse(readFileSync(join(folder, SYNTHESIZED), 'utf8')) as Synthesized };
}
