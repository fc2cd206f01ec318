import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind, ObjectSpec } from '../model';
import type { Wanted } from '../preflight';
import { kindSteps } from '../steps/kinds';
import type { Tools } from '../steps/tools';
import { evaluate } from './terraform-console';
import { inOrder, kindsOf } from './stack-objects';
import { expressionOf, type Stack } from './terraform-stack';

type Json = { readonly [member: string]: unknown };

/** Stands for the entry's id, which the first apply creates. */
const NO_ENTRY = '00000000-0000-0000-0000-000000000000';
/** What only an apply has, or what may be secret: a check before it uses none of this. */
const NOT_READ = ['entryId', 'fetch', 'seedFile', 'seedValues'];

/**
 * The objects as the synthesized stack wants them, whether or not they were applied; and those that only an apply
 * knows.
 */
export async function wantedObjects(
  stack: Stack,
  tools: Tools,
): Promise<{ readonly objects: readonly Wanted[]; readonly unknown: readonly string[] }> {
  const kinds = kindsOf(stack.synthesized);
  const objects: Wanted[] = [];
  const unknown: string[] = [];
  for (const name of inOrder(stack.synthesized, kinds)) {
    const json = await known(unevaluatedSpecOf(stack, name), stack, tools);
    const kind = kinds.get(name) as Kind;
    if (json === undefined) unknown.push(name);
    else objects.push({ name, kind, spec: parsed(kind, json) });
  }
  return { objects, unknown };
}

function unevaluatedSpecOf({ synthesized: { resource, locals = {} } }: Stack, name: string): Json {
  const fields = resource?.['terraform_data']?.[`${name}_spec`]?.triggers_replace;
  const all = { ...(fields as Json | undefined), ...(locals[`spec_${name}`] as Json | undefined) };
  return Object.fromEntries(Object.entries(all).filter(([member]) => !NOT_READ.includes(member)));
}

function parsed(kind: Kind, json: Json): ObjectSpec {
  return kindSteps(kind)?.parseSpec({ ...json, entryId: NO_ENTRY }) as ObjectSpec;
}

/** Without Terraform if the text contains every value: the stack may not be initialized yet. */
async function known(json: Json, stack: Stack, tools: Tools): Promise<Json | undefined> {
  const text = JSON.stringify(json).replaceAll('${terraform.workspace}', workspaceOf(stack));
  if (!/(?<!\$)\$\{|(?<!%)%\{/.test(text)) {
    return JSON.parse(text.replaceAll('$${', '${').replaceAll('%%{', '%{')) as Json;
  }
  return (await evaluate(stack, expressionOf(json), tools)) as Json | undefined;
}

/** As Terraform selects it. */
function workspaceOf({ folder }: Stack): string {
  const file = join(folder, process.env['TF_DATA_DIR'] ?? '.terraform', 'environment');
  return process.env['TF_WORKSPACE'] ?? (existsSync(file) ? readFileSync(file, 'utf8').trim() : 'default');
}
