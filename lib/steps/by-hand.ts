import type { ClusterSpec, HostSpec, TransportSpec } from '../model';
import { adminOptions, quotedWord } from './commands';

/** Text, or what a variable of the runbook's shell holds: something that is only known once the runbook runs. */
export type Piece = string | { readonly variable: string };
export type Word = string | readonly Piece[];

export function cephLine(cluster: ClusterSpec, ...words: Word[]): string {
  return line(cluster.transport, ['ceph', ...adminOptions(cluster), ...words]);
}

export function rbdLine(cluster: ClusterSpec, ...words: Word[]): string {
  return line(cluster.transport, ['rbd', ...adminOptions(cluster), ...words]);
}

export function radosLine(cluster: ClusterSpec, ...words: Word[]): string {
  return line(cluster.transport, ['rados', ...adminOptions(cluster), ...words]);
}

/** `virsh` runs here and reaches the host by its URI. */
export function virshLine(host: HostSpec, ...words: Word[]): string {
  return localLine('virsh', '--connect', host.uri, ...words);
}

/** A command on the libvirt host itself. */
export function hostLine(host: HostSpec, ...words: Word[]): string {
  return line(host.transport, words);
}

export function localLine(...words: Word[]): string {
  return line({ type: 'local' }, words);
}

/** A command with a text on its standard input, byte for byte. */
export function withText(command: string, text: string, name: string): string[] {
  const lines = text.trimEnd().split('\n');
  let end = name;
  // A line of the text that is the end itself would make commands of the rest.
  while (lines.includes(end)) end += '_';
  return [`${command} <<'${end}'`, ...lines, end];
}

/** What a command prints, in a variable of the shell. */
export function assigned(variable: string, command: string): string {
  return `${variable}=$(${command})`;
}

/** Ends the runbook unless the person who runs it has set the variable: an apply alone knows what it is to hold. */
export function supplied(variable: string, what: string): string {
  return `: "\${${variable}:?${what.replace(/[^\w ./:,-]/g, '')}}"`;
}

/** A file in the runbook's own folder, which goes with its end. */
export function inFolder(name: string): Word {
  return [{ variable: 'folder' }, `/${name}`];
}

/** JSON as one word; `filled` are its empty members that the shell fills in. */
export function jsonWord(json: object, filled: { readonly [member: string]: readonly Piece[] }): Piece[] {
  // In a text of the JSON each quote has a backslash before it, so that only the members themselves are found.
  const place = new RegExp(`(?<=[{,]"(?:${Object.keys(filled).join('|')})":")(?=")`);
  return JSON.stringify(json)
    .split(place)
    .flatMap((text) => [text, ...(filled[/"(\w+)":"$/.exec(text)?.[1] ?? ''] ?? [])]);
}

/** A pattern of `sed` or `grep` that finds the text itself. */
export function literally(text: string): string {
  return text.replace(/[.[\]*^$/\\]/g, '\\$&');
}

/** A text of `awk`. */
export function awkText(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** A comment; whatever a name holds, it stays one line. */
export function comment(text: string): string {
  return `# ${text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')}`;
}

/** Ends the runbook where a line that `listing` prints begins with the name: what is there is not changed. */
export function absent(listing: string, name: string): string {
  return `${listing} | ${localLine('absent', name)}`;
}

/** The same where `listing` prints JSON. */
export function absentInJson(listing: string, name: string): string {
  return absent(`${listing} | tr -d '", '`, name);
}

/** Ends the runbook where `listing` prints anything. */
export function empty(listing: string): string {
  return `${listing} | empty`;
}

/** Ends the runbook unless the mark that `shown` prints is that of the entry, and holds the rest. */
export function ours(shown: string, entryId: string, ...more: Word[]): string {
  return `${shown} | ${localLine('ours', entryId, ...more)}`;
}

/** Waits until what the command prints has the text no more, and ends the runbook where it still does. */
export function unused(text: string, command: string): string {
  return `${localLine('unused', text)} ${command}`;
}

function line(transport: TransportSpec, words: readonly Word[]): string {
  switch (transport.type) {
    case 'local':
      return words.map(shellWord).join(' ');
    case 'command':
      return [...transport.prefix, ...words].map(shellWord).join(' ');
    case 'ssh': {
      const { port, identityFile, jumpHost, destination, sudo } = transport;
      const ssh = [
        ...['ssh', ...(port === undefined ? [] : ['-p', String(port)])],
        ...(identityFile === undefined ? [] : ['-i', identityFile]),
        ...(jumpHost === undefined ? [] : ['-J', jumpHost]),
      ];
      const remote = [...(sudo ? ['sudo', '-n', '--'] : []), ...words];
      return [...ssh, destination, remoteLine(remote)].map(shellWord).join(' ');
    }
  }
}

function shellWord(word: Word): string {
  if (typeof word === 'string') return quotedWord(word);
  return word.map((piece) => (typeof piece === 'string' ? quotedPiece(piece) : `"\${${piece.variable}:?}"`)).join('');
}

/** ssh gives its words to a shell once more. A variable is read here; what it holds is hexadecimal or a number. */
function remoteLine(words: readonly Word[]): Word {
  const pieces = words.flatMap((word, index): Piece[] => {
    const quoted = typeof word === 'string' ? [quotedWord(word)] : word.map(remotePiece);
    return index === 0 ? quoted : [' ', ...quoted];
  });
  return pieces.every((piece) => typeof piece === 'string') ? pieces.join('') : merged(pieces);
}

function remotePiece(piece: Piece): Piece {
  return typeof piece === 'string' ? quotedPiece(piece) : piece;
}

function quotedPiece(text: string): string {
  return text === '' ? '' : quotedWord(text);
}

function merged(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') all[all.length - 1] = last + piece;
    else all.push(piece);
  }
  return all;
}
