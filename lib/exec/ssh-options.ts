import type { TransportSpec } from '../model';

/** Seconds until a machine that does not answer counts as unreachable. */
const CONNECT_TIMEOUT = 10;

/** Without keep-alives, a connection cut while a command is silent would be waited for forever. */
export const SSH_SETTINGS = [
  'BatchMode=yes',
  `ConnectTimeout=${CONNECT_TIMEOUT}`,
  'ServerAliveInterval=15',
  'EscapeChar=none',
].flatMap((option) => ['-o', option]);

/** The words for `ssh` before the destination. */
export function sshOptions(transport: Extract<TransportSpec, { type: 'ssh' }>): readonly string[] {
  return [
    ...SSH_SETTINGS,
    ...(transport.port === undefined ? [] : ['-p', String(transport.port)]),
    ...(transport.identityFile === undefined ? [] : ['-i', transport.identityFile]),
    ...(transport.jumpHost === undefined ? [] : ['-J', transport.jumpHost]),
  ];
}
