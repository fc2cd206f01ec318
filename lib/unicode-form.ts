/** As Terraform's `jsonencode` writes it: six characters for each of the five that HTML reserves. */
export function terraformJson(value: object | string): string {
  const code = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, code);
}

/**
 * False for text that Terraform would change: it composes texts to NFC, and also what it generates from them. A
 * newline, `\n` in JSON, followed by a combining acute becomes 'ń', and the JSON is no longer valid.
 */
export function staysComposed(text: string): boolean {
  return isComposed(text) && isComposed(terraformJson(text));
}

function isComposed(text: string): boolean {
  return text === text.normalize('NFC');
}
