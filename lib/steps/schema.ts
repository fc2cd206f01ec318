/**
 * The shapes of what the scripts are given, in a few words of a well-known library (zod), of which one alone takes as long
 * to load as all the rest of a script: every object of an apply starts one.
 */
export type Issue = { readonly path: readonly (string | number)[]; readonly message: string };

/** What is wrong with a value, and where in it. */
export class ShapeError extends Error {
  constructor(public readonly issue: Issue) {
    super(issue.message);
    this.name = 'ShapeError';
  }
}

export class Schema<T> {
  /** `read` throws a `ShapeError`. */
  constructor(public readonly read: (value: unknown, path: Issue['path']) => T) {}

  public parse(value: unknown): T {
    return this.read(value, []);
  }

  public accepts(value: unknown): boolean {
    try {
      this.read(value, []);
      return true;
    } catch (error) {
      if (error instanceof ShapeError) return false;
      throw error;
    }
  }

  public optional(): Schema<T | undefined> {
    return new Schema((value, path) => (value === undefined ? undefined : this.read(value, path)));
  }

  public refine(holds: (value: T) => boolean, message: string): this {
    const read = (value: unknown, path: Issue['path']): T => {
      const given = this.read(value, path);
      return holds(given) ? given : fail(path, message);
    };
    return new (this.constructor as new (read: Schema<T>['read']) => this)(read);
  }

  public transform<U>(change: (value: T) => U): Schema<U> {
    return new Schema((value, path) => change(this.read(value, path)));
  }
}

export class StringSchema extends Schema<string> {
  public regex(pattern: RegExp, message: string): this {
    return this.refine((text) => pattern.test(text), message);
  }

  public min(length: number): this {
    return this.refine((text) => text.length >= length, `is shorter than ${length}`);
  }

  public max(length: number): this {
    return this.refine((text) => text.length <= length, `is longer than ${length}`);
  }
}

export class NumberSchema extends Schema<number> {
  public int(): this {
    return this.refine(Number.isSafeInteger, 'is not a whole number');
  }

  public min(least: number): this {
    return this.refine((number) => number >= least, `is less than ${least}`);
  }

  public positive(): this {
    return this.refine((number) => number > 0, 'is not above 0');
  }

  public max(most: number): this {
    return this.refine((number) => number <= most, `is more than ${most}`);
  }
}

export class ArraySchema<T> extends Schema<T[]> {
  constructor(
    read: Schema<T[]>['read'],
    public readonly of?: Schema<T>,
  ) {
    super(read);
  }

  public min(length: number): this {
    return this.refine((all) => all.length >= length, `has fewer than ${length}`);
  }

  public max(length: number): this {
    return this.refine((all) => all.length <= length, `has more than ${length}`);
  }
}

export interface Shape {
  readonly [name: string]: Schema<unknown>;
}

export type Infer<S> = S extends Schema<infer T> ? T : never;
type Missable<S extends Shape> = { [K in keyof S]: undefined extends Infer<S[K]> ? K : never }[keyof S];
type Members<S extends Shape> = { [K in Exclude<keyof S, Missable<S>>]: Infer<S[K]> } & {
  [K in Missable<S>]?: Infer<S[K]>;
};
type Flat<T> = { [K in keyof T]: T[K] };

/** Members that it does not name are left out, as a later release may have given them; a strict one fails on them. */
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

export function string(): StringSchema {
  return new StringSchema((value, path) => (typeof value === 'string' ? value : fail(path, expected('a text', value))));
}

/** An address of that protocol, which is given without its colon. */
export function url({ protocol, error }: { readonly protocol: RegExp; readonly error: string }): StringSchema {
  return string().refine((text) => URL.canParse(text) && protocol.test(new URL(text).protocol.slice(0, -1)), error);
}

export function number(): NumberSchema {
  return new NumberSchema((value, path) =>
    typeof value === 'number' && Number.isFinite(value) ? value : fail(path, expected('a number', value)),
  );
}

export function boolean(): Schema<boolean> {
  return new Schema((value, path) =>
    typeof value === 'boolean' ? value : fail(path, expected("'true' or 'false'", value)),
  );
}

export function unknown(): Schema<unknown> {
  return new Schema((value) => value);
}

export function literal<const T extends string | number | boolean>(wanted: T): Schema<T> {
  return new Schema((value, path) => (value === wanted ? wanted : fail(path, expected(JSON.stringify(wanted), value))));
}

export function oneOf<const T extends string>(words: readonly T[]): Schema<T> {
  return new Schema((value, path) =>
    (words as readonly unknown[]).includes(value)
      ? (value as T)
      : fail(path, expected(words.map((word) => `'${word}'`).join(' or '), value)),
  );
}

export function array<T>(of: Schema<T>): ArraySchema<T> {
  const read = (value: unknown, path: Issue['path']): T[] =>
    Array.isArray(value)
      ? value.map((one, index) => of.read(one, [...path, index]))
      : fail(path, expected('a list', value));
  return new ArraySchema(read, of);
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

/** Which of them it is, is told by the member `by`. */
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
    return option ? (option.read(value, path) as Infer<O[number]>) : fail([...path, by], 'is of no known kind');
  });
}

export { oneOf as enum };

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function expected(what: string, value: unknown): string {
  return `expected ${what}, got ${value === undefined ? 'nothing' : value === null ? 'null' : typeof value}`;
}

function fail(path: Issue['path'], message: string): never {
  throw new ShapeError({ path, message });
}
