import type { TransportSpec } from '../model';
import { quotedWord } from './commands';

/** Text, or a variable of the runbook's shell: something that is known only when the runbook runs. */
export type Piece = string | { readonly variable: string };
export type Word = string | readonly Piece[];

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

/** The words as a line of the shell that runs the runbook. */
export function shellLine(transport: TransportSpec, words: readonly Word[]): string {
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
