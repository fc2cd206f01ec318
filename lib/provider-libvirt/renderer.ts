import { Lazy, Tokenization } from 'cdktf';
import { snakeCase } from './names';

/**
 * Arguments as Terraform wants them: every key in snake_case, at any depth. The names are all that differs between the typed
 * interfaces and the provider's schema, so no table of attributes is needed at run time.
 */
export function renderArguments(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Tokenization.isResolvable(value)) {
    // What a Lazy makes at synth is written in camelCase too.
    return Lazy.anyValue({ produce: (context) => renderArguments(context.resolve(value)) });
  }
  if (Array.isArray(value)) return value.map(renderArguments);
  // A construct given by mistake has cycles; cdktf's resolver names it in its error.
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [snakeCase(key), renderArguments(entry)]));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
