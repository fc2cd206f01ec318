import { Schema, isObject, expected, fail } from './schema';

export interface Shape {
  readonly [name: string]: Schema<unknown>;
}

export type Infer<S> = S extends Schema<infer T> ? T : never;

type Missable<S extends Shape> = { [K in keyof S]: undefined extends Infer<S[K]> ? K : never }[keyof S];

type Members<S extends Shape> = { [K in Exclude<keyof S, Missable<S>>]: Infer<S[K]> } & {
  [K in Missable<S>]?: Infer<S[K]>;
};

type Flat<T> = { [K in keyof T]: T[K] };

/**
 * Members that it does not name are dropped, because a later release may have added them; a strict one fails for them.
 */
export class ObjectSchema<S extends Shape> extends Schema<Flat<Members<S>>> {
  constructor(
    public readonly shape: S,
    isStrict = false,
  ) {
    super((value, path) => {
      if (!isObject(value)) return fail(path, expected('an object', value));
      const unknown = isStrict ? Object.keys(value).find((name) => !Object.hasOwn(shape, name)) : undefined;
      if (unknown !== undefined) return fail([...path, unknown], 'is not known');
      const read = Object.entries(shape).map(([name, schema]) => [name, schema.read(value[name], [...path, name])]);
      return Object.fromEntries(read.filter(([, given]) => given !== undefined)) as Flat<Members<S>>;
    });
  }

  public extend<More extends Shape>(more: More): ObjectSchema<Omit<S, keyof More> & More> {
    return new ObjectSchema<Omit<S, keyof More> & More>({ ...this.shape, ...more });
  }

  public override refine(holds: (value: Flat<Members<S>>) => boolean, message: string): this {
    return new Schema(this.read).refine(holds, message) as this;
  }
}

export function record<T>(name: Schema<string>, of: Schema<T>): Schema<{ [name: string]: T }> {
  return new Schema((value, path) => {
    if (!isObject(value)) return fail(path, expected('an object', value));
    const read = Object.entries(value).map(([key, one]) => {
      const inside = [...path, key];
      return [name.read(key, inside), of.read(one, inside)] as const;
    });
    return Object.fromEntries(read);
  });
}

export function object<S extends Shape>(shape: S): ObjectSchema<S> {
  return new ObjectSchema(shape);
}

export function strictObject<S extends Shape>(shape: S): ObjectSchema<S> {
  return new ObjectSchema(shape, true);
}

/** The member `by` says which one it is. */
export function discriminatedUnion<O extends readonly ObjectSchema<Shape>[]>(
  by: string,
  options: O,
): Schema<Infer<O[number]>> {
  return new Schema((value, path) => {
    if (!isObject(value)) return fail(path, expected('an object', value));
    const fits = (option: ObjectSchema<Shape>): boolean => {
      try {
        option.shape[by]?.read(value[by], path);
        return true;
      } catch {
        return false;
      }
    };
    const option = options.find(fits);
    return option ? (option.read(value, path) as Infer<O[number]>) : fail([...path, by], 'is of an unknown kind');
  });
}
