import { DefaultTokenResolver, StringConcat, Token, Tokenization } from 'cdktf';
import type { IConstruct } from 'constructs';
import { piecesOf, type Piece } from '../lib/seed/template';
import { quoteForExpression } from '../lib/terraform';

/** A text of a seed: a string, or an object that becomes YAML or JSON. */
export type SeedText = string | { readonly [key: string]: unknown };

/** Renders an object as text; a string that contains `placeholder` must be in double quotes. */
export type RenderObject = (value: object, placeholder: string) => string;

const TOKEN = /\$\{TfToken\[[\w:.-]+\]\}/g;

/** Collects the values in one seed's texts that Terraform only knows at apply. */
export class LateValues {
  private readonly tokens: string[] = [];

  /**
   * A string as given, with its values in place; `quoted`: inside JSON's double quotes, unless it is one value as a
   * whole.
   */
  public text(text: string, quoted = false): Piece[] {
    const escaped = quoted && text.replace(TOKEN, '').trim() !== '' ? { quoted: true as const } : {};
    return piecesOf(text, TOKEN, (token) => ({ value: this.indexOf(token), ...escaped }));
  }

  /** An object as text: a value becomes part of a string, never part of the structure. */
  public object(value: object, render: RenderObject, header = ''): Piece[] {
    let placeholder = 'value';
    while (JSON.stringify(value, asText).includes(placeholder)) placeholder += '-';
    const marked = mapTexts(value, (text) =>
      text.replace(TOKEN, (token) => `${placeholder}${String(this.indexOf(token)).padStart(4, '0')}`),
    );
    const text = `${header}${render(marked as object, placeholder)}`;
    const place = (found: string): Exclude<Piece, string> => ({ value: Number(found.slice(-4)), quoted: true });
    return piecesOf(text, new RegExp(`${placeholder}\\d{4}`, 'g'), place);
  }

  public get count(): number {
    return this.tokens.length;
  }

  /** The values as Terraform expressions, in the order in which the pieces number them. */
  public expressions(scope: IConstruct): string[] {
    return this.tokens.map((token) => {
      const resolver = new DefaultTokenResolver(new StringConcat());
      const resolved: unknown = Tokenization.resolve(token, { scope, resolver, preparing: false });
      const text = typeof resolved === 'string' ? resolved : JSON.stringify(resolved);
      return /^\$\{([^]*)\}$/.exec(text)?.[1] ?? quoteForExpression(text);
    });
  }

  private indexOf(token: string): number {
    const at = this.tokens.indexOf(token);
    return at >= 0 ? at : this.tokens.push(token) - 1;
  }
}

function asText(_: string, member: unknown): unknown {
  return Tokenization.isResolvable(member) ? Token.asString(member) : member;
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (Tokenization.isResolvable(value)) return change(Token.asString(value));
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((member) => mapTexts(member, change));
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [key, mapTexts(member, change)]));
}

/**
 * What in a text or an object cannot be part of a seed, such as 'runcmd.2 is a function'; undefined if everything can.
 */
export function seedTextFault(value: unknown, path = ''): string | undefined {
  const at = path === '' ? 'it' : path;
  if (typeof value === 'string') return textFault(value, at);
  if (typeof value === 'number') {
    if (Token.isUnresolved(value)) return `${at} is a number that is only known at apply: use a string`;
    return Number.isFinite(value) && !String(value).includes('e') ? undefined : `${at} is ${value}`;
  }
  if (value === null || value === undefined || typeof value === 'boolean' || Tokenization.isResolvable(value))
    return undefined;
  if (Token.isUnresolved(value)) return `${at} is a list or a map that is only known at apply: list its members`;
  if (Array.isArray(value)) return firstFault(value.map((member, index) => seedTextFault(member, join(path, index))));
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) {
    return `${at} is ${typeof value === 'object' ? 'an object of a class' : `a ${typeof value}`}`;
  }
  const entries = Object.entries(value);
  return firstFault(entries.flatMap(([key, member]) => [keyFault(key, at), seedTextFault(member, join(path, key))]));
}

function join(path: string, key: string | number): string {
  return path === '' ? String(key) : `${path}.${key}`;
}

function firstFault(faults: readonly (string | undefined)[]): string | undefined {
  return faults.find((fault) => fault !== undefined);
}

function keyFault(key: string, at: string): string | undefined {
  if (Token.isUnresolved(key)) return `${at} has a key that is only known at apply`;
  return textFault(key, `a key of ${at}`);
}

function textFault(text: string, at: string): string | undefined {
  if (text.includes('#{TfToken[')) return `${at} is a list that is only known at apply: list its members`;
  if (!text.isWellFormed() || text.includes('\0')) return `${at} contains NUL or half of a surrogate pair`;
  return text === '<<' ? `${at} is '<<', which is YAML's merge key` : undefined;
}
