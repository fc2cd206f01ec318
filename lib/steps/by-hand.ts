import type { ClusterSpec, HostSpec, TransportSpec } from '../model';
import { adminOptions, quotedWord } from './commands';

/** Text, or a variable of the runbook's shell: something that is known only when the runbook runs. */
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

/** A command that runs on the libvirt host itself. */
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
  // If a line of the text equalled the delimiter, the rest would become commands.
  while (lines.includes(end)) end += '_';
  return [`${command} <<'${end}'`, ...lines, end];
}

/** What a command prints, in a variable of the shell. */
export function assigned(variable: string, command: string): string {
  return `${variable}=$(${command})`;
}

/** Ends the runbook unless whoever runs it has set the variable, because only an apply knows its value. */
export function supplied(variable: string, what: string): string {
  return `: "\${${variable}:?${what.replace(/[^\w ./:,-]/g, '')}}"`;
}

/** A file in the runbook's own folder, which is removed when it ends. */
export function inFolder(name: string): Word {
  return [{ variable: 'folder' }, `/${name}`];
}

/** JSON as one word; `filled` names its empty members, which the shell fills in. */
export function jsonWord(json: object, filled: { readonly [member: string]: readonly Piece[] }): Piece[] {
  // Inside a string of the JSON, each quote has a backslash before it, so only the members themselves match.
  const place = new RegExp(`(?<=[{,]"(?:${Object.keys(filled).join('|')})":")(?=")`);
  return JSON.stringify(json)
    .split(place)
    .flatMap((text) => [text, ...(filled[/"(\w+)":"$/.exec(text)?.[1] ?? ''] ?? [])]);
}

/** A pattern of `sed` or `grep` that matches the text literally. */
export function literally(text: string): string {
  return text.replace(/[.[\]*^$/\\]/g, '\\$&');
}

/** A text as a string of `awk`. */
export function awkText(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** A comment; it stays on one line, whatever a name contains. */
export function comment(text: string): string {
  return `# ${text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')}`;
}

/** Ends the runbook if a line that `listing` prints begins with the name, so that nothing existing is changed. */
export function absent(listing: string, name: string): string {
  return `${listing} | ${localLine('absent', name)}`;
}

/** The same if `listing` prints JSON. */
export function absentInJson(listing: string, name: string): string {
  return absent(`${listing} | tr -d '", '`, name);
}

/** Ends the runbook if `listing` prints anything. */
export function empty(listing: string): string {
  return `${listing} | empty`;
}

/** Ends the runbook unless the mark that `shown` prints is that of the entry, and contains the rest. */
export function ours(shown: string, entryId: string, ...more: Word[]): string {
  return `${shown} | ${localLine('ours', entryId, ...more)}`;
}

/** Waits until the command no longer prints the text, and ends the runbook if it still does. */
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

/**
 * ssh passes its words to a shell again. A variable is expanded locally; it contains hexadecimal digits or a number.
 */
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
