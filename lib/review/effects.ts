/** What a change of a field does, in the words of docs/changes.md. */
export type Effect = 'in place' | 'live' | 'next boot' | 'another' | 'read once' | 'nothing';

export interface Field {
  /** Its row in docs/changes.md, 'RbdImageProps.size'; undefined if it follows from other fields. */
  readonly row?: string;
  readonly effect: Effect;
  /** It changes who can reach what. */
  readonly access?: true;
  /** A note for the reader beside the effect. */
  readonly note?: string;
}

export interface Fields {
  readonly [field: string]: Field;
}

/** Every field of a spec, so that the type check fails for one without an effect. */
export type FieldsOf<Spec> = { readonly [F in keyof Spec]-?: Field };

export const row = (props: string, name: string, effect: Effect, more: Partial<Field> = {}): Field => ({
  row: `${props}.${name}`,
  effect,
  ...more,
});

export const rows = <N extends string>(
  props: string,
  effect: Effect,
  ...names: readonly N[]
): { readonly [F in N]: Field } =>
  Object.fromEntries(names.map((name) => [name, row(props, name, effect)])) as { readonly [F in N]: Field };

/**
 * The effect of a field that this release does not know: at most it waits for a boot, or causes a restart if the policy
 * asks for one.
 */
export const UNLISTED: Field = { effect: 'next boot' };
