import { DefaultTokenResolver, StringConcat, Token, Tokenization } from 'cdktf';
import type { IConstruct } from 'constructs';
import { piecesOf, type Piece } from '../lib/seed/template';
import { quoteForExpression } from '../lib/terraform';

/** A text of a seed: given as text, or an object that becomes YAML or JSON. */
export type SeedText = string | { readonly [key: string]: unknown };

/** How an object becomes text; one that holds `mark` has it between double quotes. */
export type RenderObject = (value: object, mark: string) => string;

const TOKEN = /\$\{TfToken\[[\w:.-]+\]\}/g;

/** Collects, from the texts of one seed, the values that Terraform has at apply only. */
export class LateValues {
  private readonly tokens: string[] = [];

  /** A text as it is given, its values where they stand; `quoted`: between double quotes of JSON, where it is not all value. */
  public text(text: string, quoted = false): Piece[] {
    const escaped = quoted && text.replace(TOKEN, '').trim() !== '' ? { quoted: true as const } : {};
    return piecesOf(text, TOKEN, (token) => ({ value: this.indexOf(token), ...escaped }));
  }

  /** An object as text: a value becomes part of a text in it, and never of its form. */
  public object(value: object, render: RenderObject, header = ''): Piece[] {
    let mark = 'value';
    while (JSON.stringify(value, asText).includes(mark)) mark += '-';
    const marked = mapTexts(value, (text) =>
      text.replace(TOKEN, (token) => `${mark}${String(this.indexOf(token)).padStart(4, '0')}`),
    );
    const text = `${header}${render(marked as object, mark)}`;
    const place = (found: string): Exclude<Piece, string> => ({ value: Number(found.slice(-4)), quoted: true });
    return piecesOf(text, new RegExp(`${mark}\\d{4}`, 'g'), place);
  }

  public get count(): number {
    return this.tokens.length;
  }

  /** The values as expressions of Terraform, in the order in which the pieces count them. */
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

/** What of a text or an object cannot cross to a seed, as 'runcmd.2 is a function'; undefined when all can. */
export function seedTextFault(value: unknown, path = ''): string | undefined {
  const at = path === '' ? 'it' : path;
  if (typeof value === 'string') return textFault(value, at);
  if (typeof value === 'number') {
    if (Token.isUnresolved(value)) return `${at} is a number that only the apply knows: use a text`;
    return Number.isFinite(value) && !String(value).includes('e') ? undefined : `${at} is ${value}`;
  }
  if (value === null || value === undefined || typeof value === 'boolean' || Tokenization.isResolvable(value))
    return undefined;
  if (Token.isUnresolved(value)) return `${at} is a list or a map that only the apply knows: write its members out`;
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
  if (Token.isUnresolved(key)) return `${at} has a key that only the apply knows`;
  return textFault(key, `a key of ${at}`);
}

function textFault(text: string, at: string): string | undefined {
  if (text.includes('#{TfToken[')) return `${at} is a list that only the apply knows: write its members out`;
  if (!text.isWellFormed() || text.includes('\0')) return `${at} holds NUL or half of a sign`;
  return text === '<<' ? `${at} is '<<', by which YAML merges` : undefined;
}
