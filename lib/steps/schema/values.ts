import { type Issue, Schema, expected, fail } from './schema';

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

export function string(): StringSchema {
  return new StringSchema((value, path) => (typeof value === 'string' ? value : fail(path, expected('a text', value))));
}

/** An address of that protocol, given without its colon. */
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

export { oneOf as enum };
