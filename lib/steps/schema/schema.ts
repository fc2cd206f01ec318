/** Where something in a value is wrong, and what. */
export type Issue = { readonly path: readonly (string | number)[]; readonly message: string };

/** What is wrong with a value, and where. */
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

export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function expected(what: string, value: unknown): string {
  return `expected ${what}, got ${value === undefined ? 'nothing' : value === null ? 'null' : typeof value}`;
}

export function fail(path: Issue['path'], message: string): never {
  throw new ShapeError({ path, message });
}
