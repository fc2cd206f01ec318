import { TerraformResource, type TerraformStack } from 'cdktf';
import { ValidationError, type Violation } from '../errors';

/** The parts of the synthesized JSON that matter here. */
interface Configuration {
  readonly resource?: { readonly [type: string]: { readonly [name: string]: object } };
  readonly data?: { readonly [type: string]: { readonly [name: string]: object } };
  readonly module?: { readonly [name: string]: object };
  readonly locals?: { readonly [name: string]: unknown };
}

type Blocks = ReadonlyMap<string, unknown>;

/**
 * Throws a `ValidationError` if a resource with `create_before_destroy` depends on one of ours. Terraform extends it to
 * everything that a resource depends on, and a replace in that order does not run destroy provisioners (Terraform
 * 1.11).
 */
export function refuseCreateBeforeDestroy(stack: TerraformStack): void {
  // Rendering again would double the time of synth, so only if it is used at all.
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
  const needs = address === reached ? 'is one of ours' : `needs '${reached}'`;
  const message = `'create_before_destroy' must not be on '${address}', which ${needs}: Terraform extends it to our objects, and would skip their removal; remove it, or the reference`;
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
  const ofTypes = (prefix: string, types: NonNullable<Configuration['resource']>): [string, unknown][] =>
    Object.entries(types).flatMap(([type, named]) =>
      Object.entries(named).map(([name, block]): [string, unknown] => [`${prefix}${type}.${name}`, block]),
    );
  return new Map<string, unknown>([
    ...ofTypes('', resource),
    ...ofTypes('data.', data),
    ...Object.entries(module).map(([name, block]): [string, unknown] => [`module.${name}`, block]),
    ...Object.entries(locals).map(([name, value]): [string, unknown] => [`local.${name}`, value]),
  ]);
}

/** The first of our resources that a block is, or depends on directly or indirectly. */
function ours(start: string, blocks: Blocks): string | undefined {
  const seen = new Set([start]);
  for (const address of seen) {
    const text = JSON.stringify(blocks.get(address) ?? null);
    if (/exec\.cjs \S+ (?:ensure|remove|stop)"/.test(text)) return address;
    for (const [one = ''] of text.matchAll(/(?:data\.)?[A-Za-z_][\w-]*\.[A-Za-z_][\w-]*/g)) {
      if (blocks.has(one)) seen.add(one);
    }
  }
  return undefined;
}
