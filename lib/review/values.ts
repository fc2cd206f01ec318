/** What may be shown of a text that a plan contains: a name, a size, a policy; not free text. */
const PLAIN = /^[\w .:-]{1,40}$/;

export const valuesOf = (value: unknown): { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown }) : {};

/** The text of a field, if it may be shown. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && PLAIN.test(value) ? value : undefined;
}

/** "30 seconds", "1 second"; undefined if there is none. */
export function durationOf(value: unknown): string | undefined {
  return textOf(value)?.replace(/^1 (\w+)s$/, '1 $1');
}

/** "switched off if it still runs after 30 seconds". */
export function powerOff(shutdownTimeout: unknown): string {
  return `switched off if it still runs after ${durationOf(shutdownTimeout) ?? 'its shutdown timeout'}`;
}
