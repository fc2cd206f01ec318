import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Every form in which a cephx key may occur: as Ceph prints it, decoded, in hex, URL-encoded, and its secret part
 * alone.
 */
export function formsOf(key: string): Buffer[] {
  const whole = Buffer.from(key, 'base64');
  const secret = whole.subarray(12); // after type, time and length
  const texts = [whole, secret].flatMap((bytes) => {
    const [base64, hex] = [bytes.toString('base64').replace(/=+$/, ''), bytes.toString('hex')];
    return [base64, bytes.toString('base64url'), encodeURIComponent(base64), hex, hex.toUpperCase()];
  });
  return [...new Set(texts)].map((text) => Buffer.from(text)).concat(whole, secret);
}

/** The files at or below the given paths that contain a key in any form; "terraform.tfstate". */
export function filesWithKeys(keys: readonly string[], places: readonly string[]): string[] {
  const forms = keys.flatMap(formsOf);
  return filesUnder(places).filter((file) => holds(readFileSync(file), forms));
}

/** The same for what a user writes, such as a password: as it is, URL-encoded, and as basic authentication sends it. */
export function filesWithSecrets(secrets: readonly string[], places: readonly string[]): string[] {
  const forms = secrets.flatMap((secret) => {
    const encoded = [0, 1, 2].map((shift) => base64Inside(secret, shift));
    return [secret, encodeURIComponent(secret), ...encoded].map((text) => Buffer.from(text));
  });
  return filesUnder(places).filter((file) => holds(readFileSync(file), forms));
}

/** The base64 of a text in the middle of another, without the ends, which depend on what surrounds it. */
function base64Inside(text: string, shift: number): string {
  return Buffer.from(' '.repeat(shift) + text)
    .toString('base64')
    .replace(/=+$/, '')
    .slice(shift === 0 ? 0 : shift + 1, -1);
}

/** The names of those that contain one. */
export function textsWithKeys(keys: readonly string[], texts: { readonly [name: string]: string }): string[] {
  const forms = keys.flatMap(formsOf);
  return Object.keys(texts).filter((name) => holds(Buffer.from(texts[name] ?? ''), forms));
}

export function filesUnder(places: readonly string[]): string[] {
  return places
    .filter((place) => existsSync(place))
    .flatMap((place) =>
      statSync(place).isDirectory()
        ? filesUnder(readdirSync(place).map((name) => join(place, name)))
        : statSync(place).isFile()
          ? [place]
          : [],
    );
}

function holds(content: Buffer, forms: readonly Buffer[]): boolean {
  return forms.some((form) => content.includes(form));
}
