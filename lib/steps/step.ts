import type { Kind, ObjectSpec, Removal } from '../model';
import type { LockSpec, Tools } from './tools';

/** What a judgement has to say to whoever watches; the runner says it, so that judging stays pure. */
export type Note = { readonly say: string } | { readonly warn: string };

/** A step's judgement of the world: as it should be, or how it differs ("the pool is missing"). */
export type Judgement =
  | { readonly ok: true; readonly alwaysAct?: string; readonly notes?: readonly Note[] }
  | { readonly ok: false; readonly differs: string; readonly notes?: readonly Note[] };

export const OK: Judgement = { ok: true };

/** As it should be, with something to say about it. */
export function fine(...notes: readonly Note[]): Judgement {
  return notes.length === 0 ? OK : { ok: true, notes };
}

/**
 * No visible difference, so `verify` finds none; `ensure` acts anyway, and says why: the value cannot be read back, or
 * an existing object has to be replaced.
 */
export function alwaysAct(why: string, ...notes: readonly Note[]): Judgement {
  return { ok: true, alwaysAct: why, ...(notes.length === 0 ? {} : { notes }) };
}

export function differs(text: string, ...notes: readonly Note[]): Judgement {
  return { ok: false, differs: text, ...(notes.length === 0 ? {} : { notes }) };
}

/**
 * One step towards an object, judged by a world that its list has looked at once.
 * - `describe` gives the lines that an administrator would type.
 * - `judge` is pure: it runs nothing and prints nothing. It throws a `Refusal` where going on would harm. It must take
 *   a world in which the steps before it have not acted, as `verify` gives it.
 * - `act` removes the difference, and can be killed at any moment. If safety depends on a second look (at the watchers
 *   right before a removal, at the images right before a start), that look belongs here, in a function whose name says
 *   so.
 *
 * After an act the runner looks again before it judges the next step. An act may return the world as it now is,
 * which saves that look: only what it has seen or set itself, never what it hopes for.
 */
export interface Step<S, W> {
  readonly name: string;
  describe(spec: S): readonly string[];
  judge(spec: S, world: W): Judgement;
  act(spec: S, world: W, tools: Tools): Promise<void> | Promise<W>;
}

/** The steps of a spec, or those of each driver if the drivers differ. */
type ByDriver<T> = T | { readonly provider: T; readonly virsh: T };

/** One look at everything that some steps need, and these steps in order. */
export interface StepList<S, W> {
  observe(spec: S, tools: Tools): Promise<W>;
  /** The same for looking at many objects: what one process can find out about several is asked together. */
  observeTogether?(specs: readonly S[], tools: Tools): (spec: S) => Promise<W>;
  readonly steps: ByDriver<readonly Step<S, W>[]>;
}

/** A verb that only some kinds have: its input, and its steps. */
export interface VerbSteps<S extends ObjectSpec | Removal, W> extends StepList<S, W> {
  readonly parse: (json: unknown) => S;
}

/**
 * A kind of which only the interface is known: it receives what its own parser returned, and its worlds are its own.
 */
export type AnyKindSteps = KindSteps<ObjectSpec, Removal, unknown, unknown>;

/**
 * One kind of object as two lists of steps, from which everything runs, is printed and is verified. `W` and `Q` are the
 * worlds that `ensure` and `remove` look at.
 */
export interface KindSteps<S extends ObjectSpec, R extends Removal, W, Q> {
  readonly kind: Kind;
  /** "pool 'libvirt-pool'", for messages. */
  readonly title: (spec: S | R) => string;
  readonly lock: (spec: S | R) => LockSpec;
  /** Throws an error that names the first field that is missing or has the wrong shape. */
  readonly parseSpec: (json: unknown) => S;
  readonly parseRemoval: (json: unknown) => R;
  readonly ensure: StepList<S, W>;
  readonly remove: StepList<R, Q>;
  readonly start?: VerbSteps<S, W>;
  readonly stop?: VerbSteps<R, Q>;
}

/** The steps for a spec, in order. */
export function stepsOf<S, W>({ steps }: StepList<S, W>, spec: S): readonly Step<S, W>[] {
  return 'provider' in steps ? steps[(spec as { readonly driver: 'provider' | 'virsh' }).driver] : steps;
}

/** The same for making everything by hand, without the provider. */
export function stepsByHand<S, W>({ steps }: StepList<S, W>): readonly Step<S, W>[] {
  return 'virsh' in steps ? steps.virsh : steps;
}
