import { Tokenization } from 'cdktf';

/** A tree of JSON on its way into Terraform; leaves may be tokens. */
export type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

/**
 * Keeps Terraform from reading `${` and `%{` in a user's text as its own. Tokens pass: cdktf marks them
 * `${TfToken[...]}` and resolves them later.
 */
export function escapeText(text: string): string {
  return text.replace(/(\$|%)(?=\{(?!TfToken\[))/g, '$1$1');
}

/** The same for every string of a tree, keys included. Number tokens become string tokens, as JSON has no other place for them. */
export function escapeTree(value: unknown): unknown {
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return Tokenization.isResolvable(value) ? Tokenization.stringifyNumber(value) : value;
  if (Array.isArray(value)) return value.map(escapeTree);
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([key, member]) => [escapeText(key), escapeTree(member)]),
    );
  }
  return value;
}

/** A quoted string of Terraform's language, for a key inside an expression: `["pool/name"]`. */
export function quoteForExpression(text: string): string {
  return JSON.stringify(escapeText(text));
}
