/** As Terraform's `jsonencode` writes it: six characters for each of five that HTML minds. */
export function terraformJson(value: object | string): string {
  const code = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, code);
}

/**
 * False for what Terraform would change: it composes texts to NFC, and also what it makes of them. Of a newline, `\n` in
 * JSON, and a combining acute it makes 'ń', and the JSON is none any more.
 */
export function staysComposed(text: string): boolean {
  return isComposed(text) && isComposed(terraformJson(text));
}

function isComposed(text: string): boolean {
  return text === text.normalize('NFC');
}
