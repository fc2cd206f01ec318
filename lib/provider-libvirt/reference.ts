import { snakeCase } from './names';
import type { IResolvable } from './resolvable';

/** What a selector walks: every attribute of `T`, including optional and computed ones. */
export type Reference<T> = T extends readonly (infer Entry)[]
  ? ReferenceList<Entry>
  : T extends object
    ? { readonly [Key in keyof T]-?: Reference<Exclude<NonNullable<T[Key]>, IResolvable>> }
    : T;

/** A list's entries are selected with `at(0)`, because their number is unknown before the apply. */
export interface ReferenceList<Entry> {
  at(index: number): Reference<Exclude<Entry, IResolvable>>;
}

const PATH = Symbol('path');

/** `(a) => a.interfaces.at(0).addrs` becomes `interfaces[0].addrs`. */
export function attributePath<T>(select: (attributes: Reference<T>) => unknown): string {
  const selected = select(recorder('') as Reference<T>) as { readonly [PATH]?: string } | undefined;
  const path = selected?.[PATH];
  if (!path) throw new Error("'ref' needs a selector that returns one attribute, such as (a) => a.target.path");
  return path;
}

function recorder(path: string): unknown {
  return new Proxy(
    {},
    {
      get(_target, key) {
        if (key === PATH) return path;
        if (typeof key === 'symbol') return undefined;
        if (key === 'at') return (index: number) => recorder(`${path}[${index}]`);
        return recorder(path === '' ? snakeCase(key) : `${path}.${snakeCase(key)}`);
      },
    },
  );
}
