import type { Kind, ObjectSpec, Removal } from '../model';
import type { LockSpec, Tools } from './tools';

/** What a look at the world gave: as it should be, or how it differs ("the pool is missing"). */
export type Observation =
  { readonly ok: true; readonly ensureAnyway?: string } | { readonly ok: false; readonly differs: string };

export const OK: Observation = { ok: true };
/**
 * Nothing that can be seen differs, so `verify` is content; `ensure` acts all the same, and says why: the value can't be
 * read back, or what is there has to make room.
 */
export function okButEnsure(ensureAnyway: string): Observation {
  return { ok: true, ensureAnyway };
}
export function differs(text: string): Observation {
  return { ok: false, differs: text };
}

/**
 * One step towards an object. `describe` gives the lines that an administrator would type; `observe` only looks (and
 * throws a `Refusal` where going on would harm); `act` makes what `observe` found missing, and can be killed at any moment.
 */
export interface Step<S> {
  readonly name: string;
  readonly describe: (spec: S) => readonly string[];
  readonly observe: (spec: S, tools: Tools) => Promise<Observation>;
  readonly act: (spec: S, tools: Tools) => Promise<void>;
}

/** One kind of object as two lists of steps: the one truth that runs, is printed and is verified. */
export interface KindSteps<S extends ObjectSpec = ObjectSpec, R extends Removal = Removal> {
  readonly kind: Kind;
  /** "pool 'libvirt-pool'", for messages. */
  readonly title: (spec: S | R) => string;
  readonly lock: (spec: S | R) => LockSpec;
  /** Throws an error that names the first field that is missing or of the wrong shape. */
  readonly parseSpec: (json: unknown) => S;
  readonly parseRemoval: (json: unknown) => R;
  readonly ensure: readonly Step<S>[];
  readonly remove: readonly Step<R>[];
}
