import { TerraformResource, type TerraformStack } from 'cdktf';
import { ValidationError, type Violation } from '../errors';

/** The synthesized JSON as far as it is looked at: blocks by their place in it. */
interface Configuration {
  readonly resource?: { readonly [type: string]: { readonly [name: string]: object } };
  readonly data?: { readonly [type: string]: { readonly [name: string]: object } };
  readonly module?: { readonly [name: string]: object };
  readonly locals?: { readonly [name: string]: unknown };
}

type Blocks = ReadonlyMap<string, unknown>;

/**
 * Throws a `ValidationError` when a resource with `create_before_destroy` reaches one of ours. Terraform hands it on to
 * everything that a resource needs, and a replace in that order does not run destroy provisioners (Terraform 1.11).
 */
export function refuseCreateBeforeDestroy(stack: TerraformStack): void {
  // Rendering once more would double the time of synth, so only where it is asked for at all.
  if (!stack.node.findAll().some(asksForIt)) return;
  const blocks = blocksOf(stack.toTerraform() as Configuration);
  const violations = [...blocks].flatMap(([address, block]): Violation[] => {
    if (!createsBeforeDestroy(block)) return [];
    const reached = ours(address, blocks);
    return reached === undefined ? [] : [violation(stack, address, reached)];
  });
  if (violations.length > 0) throw new ValidationError(violations);
}

function violation(stack: TerraformStack, address: string, reached: string): Violation {
  const needs = address === reached ? 'has it itself' : `needs '${reached}'`;
  const message = `'create_before_destroy' must not be on '${address}', which ${needs}: Terraform hands it on, and the removal of objects would be skipped; take it out, or the reference`;
  return { code: 'create-before-destroy', path: stack.node.path, message };
}

interface Overridable {
  readonly lifecycle?: { readonly createBeforeDestroy?: unknown };
  readonly rawOverrides?: object;
}

function asksForIt(construct: object): boolean {
  const { lifecycle, rawOverrides = {} } = construct as Overridable;
  const asked = TerraformResource.isTerraformResource(construct) && Boolean(lifecycle?.createBeforeDestroy);
  return (
    asked || (Object.keys(rawOverrides).length > 0 && JSON.stringify(rawOverrides).includes('create_before_destroy'))
  );
}

function createsBeforeDestroy(block: unknown): boolean {
  const { lifecycle } = (block ?? {}) as { readonly lifecycle?: unknown };
  const blocks = (Array.isArray(lifecycle) ? lifecycle : [lifecycle]) as (
    { create_before_destroy?: unknown } | undefined
  )[];
  return blocks.some((one) => one?.create_before_destroy !== undefined && one.create_before_destroy !== false);
}

function blocksOf({ resource = {}, data = {}, module = {}, locals = {} }: Configuration): Blocks {
  const typed = (prefix: string, types: NonNullable<Configuration['resource']>): [string, unknown][] =>
    Object.entries(types).flatMap(([type, named]) =>
      Object.entries(named).map(([name, block]): [string, unknown] => [`${prefix}${type}.${name}`, block]),
    );
  return new Map<string, unknown>([
    ...typed('', resource),
    ...typed('data.', data),
    ...Object.entries(module).map(([name, block]): [string, unknown] => [`module.${name}`, block]),
    ...Object.entries(locals).map(([name, value]): [string, unknown] => [`local.${name}`, value]),
  ]);
}

/** The first of our resources that a block is or needs, however far away. */
function ours(start: string, blocks: Blocks): string | undefined {
  const seen = new Set([start]);
  for (const address of seen) {
    const text = JSON.stringify(blocks.get(address) ?? null);
    if (/exec\.cjs \S+ (?:ensure|remove)"/.test(text)) return address;
    for (const [one = ''] of text.matchAll(/(?:data\.)?[A-Za-z_][\w-]*\.[A-Za-z_][\w-]*/g)) {
      if (blocks.has(one)) seen.add(one);
    }
  }
  return undefined;
}
