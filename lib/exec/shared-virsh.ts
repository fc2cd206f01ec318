import { randomBytes } from 'node:crypto';
import { accessSync, constants, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostTransport } from '../model';
import { sharedConnection } from './shared-ssh';
import { SSH_SETTINGS, sshOptions } from './ssh-options';

/** Parameters of a URI that change how ssh checks the machine's key. */
const HOST_KEY = /(?<=[?&])(?:knownhosts|known_hosts|no_verify|knownhosts_verify|known_hosts_verify)=[^&]*/g;

/**
 * The words of a `virsh` over ssh, through the connection that all scripts share: libvirt starts `ssh`, or the
 * `command` in its URI, for each virsh. A user's own `command` takes precedence.
 */
export function sharedVirsh(argv: readonly string[]): readonly string[] {
  const at = argv.indexOf('--connect') + 1;
  const uri = argv[at];
  if (argv[0] !== 'virsh' || at === 0 || uri === undefined || !/^[a-z]+\+ssh:\/\//.test(uri)) return argv;
  const command = /[?&]command=/.test(uri) ? undefined : commandFor(uri);
  if (command === undefined) return argv;
  const through = `${uri}${uri.includes('?') ? '&' : '?'}command=${encodeURIComponent(command)}`;
  return [...argv.slice(0, at), through, ...argv.slice(at + 1)];
}

/** A file, because libvirt's `command` takes no arguments; undefined if no file can be executed. */
function commandFor(uri: string): string | undefined {
  const transport = hostTransport(uri);
  if (transport.type !== 'ssh') return undefined;
  const shared = sharedConnection(sshOptions(transport), transport.destination, uri.match(HOST_KEY) ?? []);
  if (shared === undefined) return undefined;
  // The first one makes the connection, so it must have the options that the others rely on.
  const text = `#!/bin/sh\nexec ssh ${[...shared.options, ...SSH_SETTINGS].join(' ')} "$@"\n`;
  const file = `${shared.socket}.sh`;
  try {
    if (!isThere(file, text)) {
      // Others may be about to run the old file.
      const made = `${file}.${randomBytes(8).toString('hex')}`;
      writeFileSync(made, text, { mode: 0o700, flag: 'wx' });
      renameSync(made, file);
    }
    accessSync(file, constants.X_OK); // also fails if nothing may be executed on that file system
    return file;
  } catch {
    return undefined;
  }
}

function isThere(file: string, text: string): boolean {
  try {
    return readFileSync(file, 'utf8') === text;
  } catch {
    return false;
  }
}
