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

export const row = (props: string, name: string, effect: Effect, more: Partial<Field> = {}): Field => ({
  row: `${props}.${name}`,
  effect,
  ...more,
});

export const rows = (props: string, effect: Effect, ...names: readonly string[]): Fields =>
  Object.fromEntries(names.map((name) => [name, row(props, name, effect)]));

/**
 * The effect of a field that is in no table: at most it waits for a boot, or causes a restart if the policy asks for
 * one.
 */
export const UNLISTED: Field = { effect: 'next boot' };
