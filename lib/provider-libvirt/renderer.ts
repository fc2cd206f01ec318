import { Lazy, Tokenization } from 'cdktf';
import { snakeCase } from './names';

/**
 * Arguments as Terraform expects them: every key in snake_case, at any depth. Only the names differ between the typed
 * interfaces and the provider's schema, so no table of attributes is needed at run time.
 */
export function renderArguments(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Tokenization.isResolvable(value)) {
    // What a Lazy produces at synth is in camelCase too.
    return Lazy.anyValue({ produce: (context) => renderArguments(context.resolve(value)) });
  }
  if (Array.isArray(value)) return value.map(renderArguments);
  // A construct that was given by mistake contains cycles; cdktf's resolver names it in its error.
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [snakeCase(key), renderArguments(entry)]));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
