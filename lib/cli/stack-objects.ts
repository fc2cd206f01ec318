import { CLUSTER_KINDS, HOST_KINDS, type Kind, nameOfSpec, type ObjectSpec, specAddress } from '../model';
import { kindSteps } from '../steps/kinds';
import type { AnyKindSteps } from '../steps/step';
import { Refusal, type Tools } from '../steps/tools';
import { stateResources } from './ask-terraform';
import { diskEntryIds } from './disk-entries';
import { readLocals } from './spec-locals';
import type { Stack, Synthesized } from './terraform-stack';

/** One object of the stack: its name, 'web1' for "terraform_data.web1_spec", and its spec as the script got it. */
export interface StackObject<S extends ObjectSpec = ObjectSpec> {
  readonly name: string;
  readonly kind: Kind;
  readonly steps: AnyKindSteps;
  readonly title: string;
  readonly spec: S;
}

/** The objects of a stack in the order in which they are made, and those that were never applied. */
export interface Objects {
  readonly applied: readonly StackObject[];
  readonly missing: readonly {
    readonly name: string;
    readonly kind: Kind;
    /** What the configuration says about it beside its fields: its cluster, its host. */
    readonly context?: object;
  }[];
}

const ORDER: readonly Kind[] = [...CLUSTER_KINDS, ...HOST_KINDS];

/** Reads what was applied from the state, and everything else from the configuration. */
export async function readObjects(stack: Stack, tools: Tools): Promise<Objects> {
  const kinds = kindsOf(stack.synthesized);
  const [resources, locals] = await Promise.all([
    stateResources(stack, tools),
    readLocals(stack, [...kinds.keys()], tools),
  ]);
  const fields = new Map(
    resources
      .filter(({ type, mode, values }) => type === 'terraform_data' && mode !== 'data' && values['triggers_replace'])
      .map(({ name, values }) => [nameOfSpec(name), values['triggers_replace'] as object]),
  );
  const names = inOrder(stack.synthesized, kinds);
  // What a resource decides that was never applied is unknown, and so is what its object needs.
  const isApplied = (name: string): boolean => fields.has(name) && locals[name] !== undefined;
  return {
    applied: names.filter(isApplied).map((name) => {
      const json = { ...fields.get(name), ...locals[name] };
      return objectOf(name, kinds.get(name) as Kind, { ...json, ...diskEntryIds(json, resources) });
    }),
    missing: names
      .filter((name) => !isApplied(name))
      .map((name) => ({ name, kind: kinds.get(name) as Kind, context: locals[name] })),
  };
}

/** The objects with the given addresses, with or without their type; all if none is given. */
export function select<T extends { readonly name: string }>(objects: readonly T[], addresses: readonly string[]): T[] {
  const isNamed = (one: string): boolean => objects.some(({ name }) => name === one);
  const wanted = addresses.map((one) => (isNamed(one) ? one : (nameOfSpec(one) ?? one)));
  const unknown = wanted.filter((one) => !isNamed(one));
  if (unknown.length > 0) {
    const known = objects.map(({ name }) => name).join(', ');
    throw new Refusal(
      `the stack has no object ${unknown.map((one) => `'${one}'`).join(', ')}`,
      `its objects are: ${known || 'none'}`,
      'object-unknown',
    );
  }
  return objects.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
}

/** The objects of one kind, with the type of their specs. */
export function ofKind<S extends ObjectSpec>({ applied }: Objects, kind: Kind): readonly StackObject<S>[] {
  return applied.filter((one) => one.kind === kind) as unknown as readonly StackObject<S>[];
}

function objectOf(name: string, kind: Kind, json: object): StackObject {
  const steps = kindSteps(kind) as AnyKindSteps;
  const spec = steps.parseSpec(json);
  return { name, kind, steps, title: steps.title(spec), spec };
}

/** The kind of every object by name, from what its provisioner runs. */
export function kindsOf({ resource = {} }: Synthesized): Map<string, Kind> {
  const found = Object.entries(resource['terraform_data'] ?? {}).flatMap(([id, { provisioner }]) => {
    const name = nameOfSpec(id);
    const [, word = ''] = /exec\.cjs (\S+) ensure$/.exec(provisioner?.[0]?.['local-exec'].command ?? '') ?? [];
    const kind = kindSteps(word)?.kind;
    return kind === undefined || name === undefined ? [] : [[name, kind] as const];
  });
  return new Map(found);
}

/** An object comes after what it depends on; otherwise by kind, in the order of the configuration. */
export function inOrder({ resource = {} }: Synthesized, kinds: ReadonlyMap<string, Kind>): string[] {
  const byKind = [...kinds.keys()].sort(
    (a, b) => ORDER.indexOf(kinds.get(a) as Kind) - ORDER.indexOf(kinds.get(b) as Kind),
  );
  const ordered: string[] = [];
  const visited = new Set<string>();
  const visit = (address: string): void => {
    if (visited.has(address)) return;
    visited.add(address);
    resource['terraform_data']?.[address.replace('terraform_data.', '')]?.depends_on?.forEach(visit);
    const name = nameOfSpec(address);
    if (name !== undefined && kinds.has(name)) ordered.push(name);
  };
  byKind.map(specAddress).forEach(visit);
  return ordered;
}
