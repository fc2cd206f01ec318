import type { TransportSpec } from '../model';
import type { Command } from '../steps/tools';
import { framedLine, framedWords } from './frame';
import { quote } from './quote';

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

/** The same, with marks around what the command prints, where something else may print as well. */
export function framedArgvOf({ argv, transport }: Command): readonly string[] {
  switch (transport.type) {
    case 'local':
      return argv;
    case 'command':
      return [...transport.prefix, ...framedWords(argv)];
    case 'ssh':
      return argvOf({ argv: ['sh', '-c', framedLine(argv)], transport });
  }
}

/** ssh joins its words with spaces and gives them to the user's shell: each is quoted, so that none is read by it. */
function remoteLine(argv: readonly string[], sudo: boolean): string {
  return [...(sudo ? ['sudo', '-n', '--'] : []), ...argv].map(quote).join(' ');
}
