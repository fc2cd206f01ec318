import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OwnerSpec } from '../model';
import { type Command, Refusal } from '../steps/tools';

const SYNTHESIZED = 'cdk.tf.json';

/** The parts of cdktf's output that are read here. */
export interface Synthesized {
  readonly variable?: { readonly [name: string]: { readonly default?: unknown } };
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
  readonly triggers_replace?: unknown;
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
  /** Terraform's options that set its variables: '-var=x=1', '-var-file=/srv/prod.tfvars'. */
  readonly variables: readonly string[];
}

/** The stack in a folder: the folder itself, or what cdktf synthesized below it. `name` selects one of several. */
export function openStack(folder: string, name?: string, variables: readonly string[] = []): Stack {
  return { ...findStack(folder, name), variables };
}

function findStack(folder: string, name?: string): Omit<Stack, 'variables'> {
  const below = join(folder, 'cdktf.out', 'stacks');
  const names = existsSync(below) ? readdirSync(below).filter((one) => existsSync(join(below, one, SYNTHESIZED))) : [];
  if (name === undefined && existsSync(join(folder, SYNTHESIZED))) return read(folder);
  if (name !== undefined && names.includes(name)) return read(join(below, name));
  if (name === undefined && names.length === 1) return read(join(below, names[0] as string));
  const there = names.length === 0 ? 'none there' : `there: ${names.join(', ')}`;
  if (name !== undefined)
    throw new Refusal(`'${below}' has no stack '${name}'`, `choose one with --stack (${there})`, 'stack-not-found');
  if (names.length > 1)
    throw new Refusal(`'${below}' has several stacks`, `choose one with --stack (${there})`, 'stack-not-found');
  throw new Refusal(
    `no synthesized stack in '${folder}': neither ${SYNTHESIZED} nor cdktf.out/stacks`,
    "run 'cdktf synth' there, or give another folder with --dir",
    'stack-not-found',
  );
}

/** The engine: `terraform`, or `tofu` or a path from the variable that cdktf's command line uses too. */
export function terraformBinary(): string {
  return process.env['TERRAFORM_BINARY_NAME'] ?? 'terraform';
}

/** The engine in the stack's folder. */
export function terraform({ folder }: Pick<Stack, 'folder'>, ...args: string[]): Command {
  // Without the variable, a network that drops packets delays Terraform for minutes.
  return {
    argv: ['env', 'CHECKPOINT_DISABLE=1', terraformBinary(), `-chdir=${folder}`, ...args],
    transport: { type: 'local' },
  };
}

/** A part of the synthesized JSON as an expression; quotes between `${` and `}` are code, not text. */
export function expressionOf(json: unknown): string {
  return JSON.stringify(json).replace(/(?<!\$)\$\{[^}]*\}/g, (code) => code.replaceAll('\\"', '"'));
}

function read(folder: string): Omit<Stack, 'variables'> {
  return { folder, synthesized: JSON.parse(readFileSync(join(folder, SYNTHESIZED), 'utf8')) as Synthesized };
}
