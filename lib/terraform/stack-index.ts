import { TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';

const indexes = new WeakMap<IConstruct, Map<string, IConstruct>>();

/** What a stack already has, for reuse: the first construct of a key wins. */
export function register(construct: IConstruct, key: string): void {
  const index = indexOf(construct);
  if (!index.has(key)) index.set(key, construct);
}

/** What was registered in the stack of `scope` under keys that start with `prefix`, in order. */
export function lookupAll<T extends IConstruct>(scope: IConstruct, prefix: string): T[] {
  return [...indexOf(scope)].filter(([key]) => key.startsWith(prefix)).map(([, construct]) => construct as T);
}

/** What was registered under this key in the stack of `scope`. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller's key says the class
export function lookup<T extends IConstruct>(scope: IConstruct, key: string): T | undefined {
  return indexOf(scope).get(key) as T | undefined;
}

function indexOf(construct: IConstruct): Map<string, IConstruct> {
  const stack = TerraformStack.of(construct);
  const index = indexes.get(stack) ?? new Map<string, IConstruct>();
  indexes.set(stack, index);
  return index;
}
