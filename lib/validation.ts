import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import { staysComposed } from './unicode-form';
import { ValidationError } from './errors';
import { monitorsIn, NAME_FORMS, type NameForm, NOT_IN_XML } from './model';
import type { Size } from './size';

/** A rule as data: when `broken` is true, `message` says what to do. */
export interface Rule {
  readonly code: string;
  readonly broken: boolean;
  readonly message: string;
}

/** Throws one `ValidationError` with all broken rules. */
export function validate(scope: IConstruct, rules: readonly Rule[]): void {
  const broken = rules.filter((rule) => rule.broken);
  if (broken.length > 0) {
    throw new ValidationError(broken.map(({ code, message }) => ({ code, path: scope.node.path, message })));
  }
}

/** True for a value that is known at synth; Terraform or the scripts check tokens. */
export function known<T>(value: T | undefined): value is T {
  return value !== undefined && !Token.isUnresolved(value);
}

/** A whole number in a range, including both ends. */
export function wholeNumber(prop: string, value: number | undefined, min: number, max: number, fix: string): Rule {
  return {
    code: `${kebab(prop)}-range`,
    broken: known(value) && !(Number.isInteger(value) && value >= min && value <= max),
    message: `'${prop}' must be a whole number from ${min} to ${max}, got ${String(value)}; ${fix}`,
  };
}

/** A size above zero, in whole bytes. */
export function sizeAboveZero(prop: string, size: Size | undefined): Rule {
  const bytes = size?._bytes();
  return {
    code: `${kebab(prop)}-range`,
    broken: bytes !== undefined && !(Number.isSafeInteger(bytes) && bytes > 0),
    message: `'${prop}' must be above zero, in whole bytes, got ${String(size)}; use, for example, Size.gibibytes(20)`,
  };
}

/** A name that the tools use byte for byte. */
export function name(prop: string, value: string | undefined, form: NameForm): Rule {
  const { pattern, rule } = NAME_FORMS[form];
  return {
    code: `${kebab(prop)}-form`,
    broken: known(value) && !pattern.test(value),
    message: `'${prop}' must be ${rule}, got ${JSON.stringify(value)}; choose another name`,
  };
}

/** Free text: any characters that XML 1.0 and Terraform pass on unchanged. */
export function text(prop: string, value: string | undefined): Rule {
  return {
    code: `${kebab(prop)}-text`,
    broken: known(value) && !isCarried(value),
    message: `'${prop}' must be text in Unicode's composed form (NFC), without control characters except tab and newline, and without a combining mark right after those, '<' or '>', got ${JSON.stringify(value)}; remove them`,
  };
}

/** False for text that Terraform (which composes to NFC) or XML 1.0 (no control characters) would change. */
export function isCarried(value: string): boolean {
  return value.isWellFormed() && staysComposed(value) && !NOT_IN_XML.test(value) && !/[\r\u007f]/.test(value);
}

/** The monitors of a cluster. */
export function monitors(value: readonly string[]): Rule[] {
  if (Token.isUnresolved(value)) return [];
  const form = `'host', 'host:port', '[v6]' or '[v6]:port' with a port from 1 to 65535, or in the form of 'ceph mon dump'`;
  const malformed = value.filter((one) => known(one) && monitorsIn(one) === undefined);
  const named = readMonitors(value);
  return [
    {
      code: 'monitors-empty',
      broken: value.length === 0,
      message: `'monitors' must name at least one monitor as ${form}, got none; 'ceph mon dump' lists them`,
    },
    {
      code: 'monitors-form',
      broken: malformed.length > 0,
      message: `'monitors' must be ${form}, got ${malformed.map((one) => JSON.stringify(one)).join(', ')}; 'ceph mon dump' lists them`,
    },
    {
      code: 'monitors-twice',
      broken: new Set(named).size < named.length,
      message: `'monitors' must name each monitor once, got ${JSON.stringify(value)}; remove the repeated one`,
    },
  ];
}

/** The monitors as VMs get them; what only Terraform knows stays as it is. */
export function readMonitors(value: readonly string[]): string[] {
  return Token.isUnresolved(value)
    ? [...value]
    : value.flatMap((one) => (known(one) ? monitorsIn(one) : undefined) ?? one);
}

function kebab(prop: string): string {
  return prop.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(/[^a-z0-9-]+/g, '-');
}
