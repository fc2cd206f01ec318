/** The header that sends the user and the password of an address; undefined if it has none. */
export function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const both = [username, password].map(decoded).join(':');
  return `Basic ${Buffer.from(both).toString('base64')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a bare '%' stands for itself
  }
}

/** The same address without user and password. */
export function withoutUser(url: URL): URL {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return plain;
}
