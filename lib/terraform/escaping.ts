/** How cdktf writes a token into a text; anything that only starts like one is text. */
const TOKEN = String.raw`\$\{TfToken\[[\w:.-]+\]\}`;
const READ_BY_TERRAFORM = new RegExp(
  String.raw`(?<token>${TOKEN})|(?<run>(?:(?!${TOKEN})[$%\r])+)(?<next>${TOKEN}|\{)?`,
  'g',
);

/** Keeps Terraform from interpreting `${` and `%{` in a user's text. Tokens pass, and cdktf resolves them later. */
export function escapeText(text: string): string {
  if (!/[$%\r]/.test(text)) return text;
  return text.replace(READ_BY_TERRAFORM, (found: string, token?: string, signs?: string, after?: string) => {
    if (token !== undefined) return token;
    const [run, next] = [signs ?? '', after ?? ''];
    // After a carriage return Terraform (1.11) reads neither interpolations nor escapes; written as an interpolation
    // itself, it does no harm. And a sign right before a token's own would turn it into an escape: '$${var.x}'.
    if (run.includes('\r') || next.length > 1) return `\${"${run.replaceAll('\r', '\\r')}"}${next}`;
    return next === '{' ? `${run}${run.slice(-1)}{` : found;
  });
}

/** The same for every string in a tree, including keys. */
export function escapeTree(value: unknown): unknown {
  if (typeof value === 'string') return escapeText(value);
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

/** A string in Terraform's language, for a key inside an expression: `["pool/name"]`. */
export function quoteForExpression(text: string): string {
  // cdktf turns a token inside an expression into a bare reference: in quotes it would be text.
  const parts = text.split(new RegExp(`(${TOKEN})`)).filter((part) => part !== '');
  if (parts.every((part) => !isToken(part))) return quoted(text);
  return `join("", [${parts.map((part) => (isToken(part) ? part : quoted(part))).join(', ')}])`;
}

function isToken(part: string): boolean {
  return new RegExp(`^${TOKEN}$`).test(part);
}

function quoted(text: string): string {
  // Terraform's language has no \b and \f.
  const codes: { readonly [escape: string]: string } = { '\\b': '\\u0008', '\\f': '\\u000c' };
  return escapeText(JSON.stringify(text).replace(/\\./g, (escape) => codes[escape] ?? escape));
}
