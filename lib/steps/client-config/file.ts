import { createHash } from 'node:crypto';
import type { HostSpec } from '../../model';
import { onHost } from '../commands';
import { Refusal, ToolError, type Tools } from '../tools';

/** Base64 both ways, so that bytes which are no UTF-8 stay as they are. */
const READ = '[ ! -e "$1" ] || base64 -w0 -- "$1"';

/**
 * Written beside and renamed; a link stays one, and owner, mode and labels are kept. Both checksums are compared: an
 * input that was cut off must not count as complete, and what somebody else wrote in between must not be lost. An empty
 * file is removed.
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

/** The content as one character a byte; empty when there is no such file. */
export async function readConfig(host: HostSpec, file: string, tools: Tools): Promise<string> {
  return Buffer.from(await tools.run(onHost(host, 'sh', '-c', READ, 'sh', file)), 'base64').toString('latin1');
}

/** Replaces what was read; both as `readConfig` gives it. */
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
      `'${file}' was changed by somebody else meanwhile`,
      'nothing was written; apply again',
      'changed-meanwhile',
    );
  }
  if (outcome.exitCode !== 0) throw new ToolError(command, outcome);
}

function checksum(content: string): string {
  return createHash('sha256').update(content, 'latin1').digest('hex');
}

/** A block of ours as the file's bytes. */
export function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
