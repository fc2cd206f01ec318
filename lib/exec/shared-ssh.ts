import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Seconds that a connection stays open after its last command: the scripts of an apply follow each other faster. */
const PERSIST = 15;
/** A socket's path may have 107 characters, and ssh first creates it under a name that is 17 longer. */
const LONGEST = 107 - 17;
/** sshd allows ten sessions per connection (MaxSessions), and the ten scripts of an apply use two or three each. */
const CONNECTIONS = 3;
/** CIFS, SMB 2, FUSE, 9P: they may not support sockets, and ssh would then fail needlessly. */
const WITHOUT_SOCKETS = [0xff534d42, 0xfe534d42, 0x65735546, 0x01021997];
/** Earlier versions keep the command's standard error open for as long as the connection stays. */
const SINCE = 8.5;

export interface SharedConnection {
  /** Words for `ssh`; none of them needs quotes. */
  readonly options: readonly string[];
  /** The socket's path, in a folder that only this user can enter. */
  readonly socket: string;
}

const known = new Map<string, SharedConnection | undefined>();

/**
 * The connection to a machine that the commands of all scripts share, because connecting takes longer than most
 * commands. `options` distinguish one way to a machine from another, together with `more`. Undefined if the user's own
 * configuration shares connections, or if there is no safe place for the socket.
 */
export function sharedConnection(
  options: readonly string[],
  destination: string,
  more: readonly string[] = [],
): SharedConnection | undefined {
  const key = JSON.stringify([options, destination, more]);
  if (!known.has(key)) known.set(key, look(key, options, destination));
  return known.get(key);
}

function look(key: string, options: readonly string[], destination: string): SharedConnection | undefined {
  const folder = privateFolder();
  if (folder === undefined) return undefined;
  const name = createHash('sha256').update(key).digest('hex').slice(0, 16);
  const socket = join(folder, `${name}-${process.pid % CONNECTIONS}`);
  if (!isGoodForSocket(socket, folder) || !(isOpen(socket) || isOurs(options, destination))) return undefined;
  const shared = ['ControlMaster=auto', `ControlPath=${socket}`, `ControlPersist=${PERSIST}`];
  return { options: shared.flatMap((option) => ['-o', option]), socket };
}

/** ssh gives '%' and quotes a meaning of their own. */
function isGoodForSocket(socket: string, folder: string): boolean {
  return (
    socket.length <= LONGEST && /^[\w./:@+,-]+$/.test(socket) && !WITHOUT_SOCKETS.includes(statfsSync(folder).type)
  );
}

/** Another script of the same apply has asked and connected: ssh removes the socket when the connection ends. */
function isOpen(socket: string): boolean {
  return lstatSync(socket, { throwIfNoEntry: false })?.isSocket() === true;
}

/**
 * The user's own configuration takes precedence. `ssh -G` connects to nothing; the command itself will report what is
 * wrong with it.
 */
function isOurs(options: readonly string[], destination: string): boolean {
  const words = ['-c', 'ssh -V 2>&1 && exec ssh -G "$@" 2>/dev/null', 'sh', ...options, '--', destination];
  const { status, stdout } = spawnSync('sh', words, { encoding: 'utf8', timeout: 5000, env: process.env });
  const version = /^OpenSSH\w*_(\d+\.\d+)/.exec(stdout)?.[1] ?? 0;
  const byUser = !/^controlmaster false$/m.test(stdout) || /^controlpath (?!none$)/m.test(stdout);
  return status === 0 && Number(version) >= SINCE && !byUser;
}

/** Whoever may write there could answer in the machine's place. */
function privateFolder(): string | undefined {
  const uid = process.getuid?.();
  const folder = join(process.env['XDG_RUNTIME_DIR'] ?? tmpdir(), `cdktf-libvirt-ceph-${uid ?? ''}`);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return undefined;
  }
  try {
    const stat = lstatSync(folder);
    return stat.isDirectory() && stat.uid === uid && (stat.mode & 0o077) === 0 ? folder : undefined;
  } catch {
    return undefined;
  }
}
