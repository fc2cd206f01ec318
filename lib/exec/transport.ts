import { hostname } from 'node:os';
import type { TransportSpec } from '../model';
import type { Command } from '../steps/tools';

/** Seconds until a machine that does not answer is given up. */
const CONNECT_TIMEOUT = 10;

/** The words that run a command from here. */
export function argvOf({ argv, transport }: Command): readonly string[] {
  switch (transport.type) {
    case 'local':
      return argv;
    case 'command':
      return [...transport.prefix, ...argv];
    case 'ssh':
      return [...sshOf(transport), '--', transport.destination, remoteLine(argv, transport.sudo ?? false)];
  }
}

/** "on root@mon1", for messages. */
export function placeOf(transport: TransportSpec): string {
  switch (transport.type) {
    case 'local':
      return `on this machine (${hostname()})`;
    case 'command':
      return `by '${transport.prefix.join(' ')}'`;
    case 'ssh':
      return `on ${transport.destination}`;
  }
}

function sshOf(transport: Extract<TransportSpec, { type: 'ssh' }>): string[] {
  // Without keep-alives, a connection that was cut while a command is silent would be waited for without end.
  const options = ['BatchMode=yes', `ConnectTimeout=${CONNECT_TIMEOUT}`, 'ServerAliveInterval=15', 'EscapeChar=none'];
  return [
    'ssh',
    ...options.flatMap((option) => ['-o', option]),
    ...(transport.port === undefined ? [] : ['-p', String(transport.port)]),
    ...(transport.identityFile === undefined ? [] : ['-i', transport.identityFile]),
    ...(transport.jumpHost === undefined ? [] : ['-J', transport.jumpHost]),
  ];
}

/** ssh joins its words with spaces and gives them to the user's shell: each is quoted, so that none is read by it. */
function remoteLine(argv: readonly string[], sudo: boolean): string {
  return [...(sudo ? ['sudo', '-n', '--'] : []), ...argv].map(quote).join(' ');
}

function quote(word: string): string {
  return `'${word.replace(/'/g, `'\\''`)}'`;
}
