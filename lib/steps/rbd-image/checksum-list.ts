import { plainUrl } from '../../model';
import { Refusal } from '../tools';

/** What a list of checksums says about a file. */
export type ListedChecksum = { readonly sha256: string } | { readonly sha512: string };

/**
 * "HEX  name", "HEX *name" for a binary file, "SHA256 (name) = HEX"; a backslash comes first if the name contains
 * escapes.
 */
const GNU = /^\\?([0-9a-f]{64}|[0-9a-f]{128}) [ *](.+)$/i;
const BSD = /^SHA(?:256|512) \((.+)\) = ([0-9a-f]{64}|[0-9a-f]{128})$/i;

/**
 * The checksum of the file behind `url` in a SHA256SUMS or SHA512SUMS that came from `listUrl`; the strongest if there
 * are both.
 */
export function listedChecksum(list: string, url: string, listUrl: string): ListedChecksum {
  const name = nameOf(url);
  const found = list
    .split(/\r?\n/)
    .map(entryOf)
    .filter((entry) => entry !== undefined && basename(entry.name) === name)
    .map((entry) => (entry as Entry).digest.toLowerCase());
  const unlike = found.some((one) => found.some((other) => one.length === other.length && one !== other));
  const digest = found.sort((a, b) => b.length - a.length)[0];
  if (digest !== undefined && !unlike) return digest.length === 128 ? { sha512: digest } : { sha256: digest };
  throw new Refusal(
    unlike
      ? `'${plainUrl(listUrl)}' has several checksums of '${name}' that differ`
      : `'${plainUrl(listUrl)}' has no SHA-256 or SHA-512 of '${name}'`,
    `give the address of the list that belongs to the file, or the checksum itself as 'sha256' or 'sha512'`,
    'checksum-not-found',
  );
}

interface Entry {
  readonly name: string;
  readonly digest: string;
}

function entryOf(line: string): Entry | undefined {
  const [, digest, name] = GNU.exec(line) ?? [];
  if (digest !== undefined && name !== undefined) return { name, digest };
  const [, bsdName, bsdDigest] = BSD.exec(line) ?? [];
  return bsdName === undefined || bsdDigest === undefined ? undefined : { name: bsdName, digest: bsdDigest };
}

function nameOf(url: string): string {
  const name = basename(plainUrl(url));
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
