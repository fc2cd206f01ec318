import { createHash } from 'node:crypto';
import type { HostSpec } from '../../model';
import { onHost } from '../commands';
import { Refusal, ToolError, type Tools } from '../tools';

/** Base64 in both directions, so that bytes that are not UTF-8 stay as they are. */
const READ = '[ ! -e "$1" ] || base64 -w0 -- "$1"';

/**
 * Written to a new file beside it and renamed; a link stays a link, and owner, mode and labels are kept. Both checksums
 * are compared: input that was cut short must not count as complete, and what somebody else wrote in the meantime must
 * not be lost. An empty file is removed.
 */
const WRITE = `
set -e
f=$(readlink -m -- "$1"); d=$(dirname -- "$f"); sum() { sha256sum | cut -d' ' -f1; }
mkdir -p -- "$d"; t=$(mktemp -- "$d/.cdktf-libvirt-ceph.XXXXXX"); trap 'rm -f -- "$t"' EXIT
chmod 644 -- "$t"; [ ! -e "$f" ] || cp -a --attributes-only -- "$f" "$t"
base64 -d >"$t"
[ "$(sum <"$t")" = "$3" ] || { echo 'the new content was cut off' >&2; exit 1; }
[ "$({ [ ! -e "$f" ] || cat -- "$f"; } | sum)" = "$2" ] || exit 75
if [ -s "$t" ]; then mv -f -- "$t" "$f"; else rm -f -- "$f"; fi
`;
const CHANGED_MEANWHILE = 75;

/** The content, one character per byte; empty if there is no such file. */
export async function readConfig(host: HostSpec, file: string, tools: Tools): Promise<string> {
  return Buffer.from(await tools.run(onHost(host, 'sh', '-c', READ, 'sh', file)), 'base64').toString('latin1');
}

/** Replaces the content that was read; both as `readConfig` returns it. */
export async function writeConfig(
  host: HostSpec,
  file: string,
  old: string,
  content: string,
  tools: Tools,
): Promise<void> {
  const command = onHost(host, 'sh', '-c', WRITE, 'sh', file, checksum(old), checksum(content));
  const outcome = await tools.attempt(command, { input: Buffer.from(content, 'latin1').toString('base64') });
  if (outcome.exitCode === CHANGED_MEANWHILE) {
    throw new Refusal(
      `'${file}' was changed by another program in the meantime`,
      'nothing was written; apply again',
      'changed-meanwhile',
    );
  }
  if (outcome.exitCode !== 0) throw new ToolError(command, outcome);
}

function checksum(content: string): string {
  return createHash('sha256').update(content, 'latin1').digest('hex');
}

/** Our block as bytes of the file. */
export function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
