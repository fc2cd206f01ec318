import type { TransportSpec } from '../model';
import type { Command } from '../steps/tools';
import { delimitedLine, delimitedWords } from './delimited-output';
import { quote } from './quote';
import { sharedConnection } from './shared-ssh';
import { sharedVirsh } from './shared-virsh';
import { sshOptions } from './ssh-options';

/** The words that run a command from this machine. */
export function argvOf({ argv, transport }: Command): readonly string[] {
  switch (transport.type) {
    case 'local':
      return sharedVirsh(argv);
    case 'command':
      return [...transport.prefix, ...argv];
    case 'ssh':
      return [...sshTo(transport), remoteLine(argv, transport.sudo ?? false)];
  }
}

function sshTo(transport: Extract<TransportSpec, { type: 'ssh' }>): readonly string[] {
  const options = sshOptions(transport);
  const shared = sharedConnection(options, transport.destination);
  return ['ssh', ...(shared?.options ?? []), ...options, '--', transport.destination];
}

/** The same, with delimiters around the command's output if something else may print as well. */
export function delimitedArgvOf({ argv, transport }: Command): readonly string[] {
  switch (transport.type) {
    case 'local':
      return sharedVirsh(argv);
    case 'command':
      return [...transport.prefix, ...delimitedWords(argv)];
    case 'ssh':
      return argvOf({ argv: ['sh', '-c', delimitedLine(argv)], transport });
  }
}

/** ssh joins its words with spaces and passes them to the user's shell: each is quoted, so it interprets none. */
function remoteLine(argv: readonly string[], sudo: boolean): string {
  return [...(sudo ? ['sudo', '-n', '--'] : []), ...argv].map(quote).join(' ');
}
