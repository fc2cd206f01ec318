import type { IConstruct } from 'constructs';
import { staysComposed, terraformJson } from '../unicode-form';
import { validate } from '../validation';

/** One environment variable is limited to 128 KiB; tokens may grow when they are resolved. */
const LIMIT_KIB = 96;
const ASCII = /^[\0-\x7f]*$/;
const PLAIN = /^(?:(?!\\u)[\0-\x7f])*$/;

/**
 * Throws a `ValidationError` for text that Terraform or the environment would change or refuse before it reaches the
 * script.
 */
export function checkSpec(construct: IConstruct, spec: object): void {
  const json = terraformJson(spec);
  const kib = Math.ceil(Buffer.byteLength(json) / 1024);
  // Nearly every spec is plain ASCII without escapes, in which there is nothing to find.
  const changed = PLAIN.test(json) ? [] : textsOf(spec).filter(isChanged);
  validate(construct, [
    {
      code: 'spec-size',
      broken: kib > LIMIT_KIB,
      message: `the spec must be at most ${LIMIT_KIB} KiB, got ${kib} KiB; shorten its texts`,
    },
    {
      code: 'text-form',
      broken: changed.length > 0,
      message: `texts must be in Unicode's composed form (NFC), without NUL, lone surrogates or a combining mark right after a newline, a tab, '<' or '>', got ${changed.map((text) => JSON.stringify(text)).join(', ')}; change them`,
    },
  ]);
}

function isChanged(text: string): boolean {
  return text.includes('\0') || (!ASCII.test(text) && !(text.isWellFormed() && staysComposed(text)));
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) => [...(Array.isArray(value) ? [] : [key]), ...textsOf(member)]);
}
