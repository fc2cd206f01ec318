import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Seconds that a connection stays after its last command: the scripts of an apply follow each other faster. */
const PERSIST = 15;
/** A socket's path holds 107 characters, and ssh makes it under a name that is 17 longer. */
const LONGEST = 107 - 17;
/** sshd takes ten sessions a connection (MaxSessions), and an apply's ten scripts have two or three each. */
const CONNECTIONS = 3;
/** CIFS, SMB 2, FUSE, 9P: they may have no sockets, and ssh then ends where it would not have to. */
const WITHOUT_SOCKETS = [0xff534d42, 0xfe534d42, 0x65735546, 0x01021997];
/** Earlier ones keep standard error of the command open for as long as the connection stays. */
const SINCE = 8.5;

export interface SharedConnection {
  /** Words for `ssh`; none of them needs quotes. */
  readonly options: readonly string[];
  /** Its path, in a folder of this user alone. */
  readonly socket: string;
}

const known = new Map<string, SharedConnection | undefined>();

/**
 * The connection to a machine that the commands of all scripts share: making one takes longer than most of what is run
 * through it. `options` are what tells one way to a machine from another, and `more` what else does. Undefined where the
 * user's own configuration shares connections, or where there is no safe place for the socket.
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
  if (!isGoodForSocket(socket, folder) || !isOurs(options, destination)) return undefined;
  const shared = ['ControlMaster=auto', `ControlPath=${socket}`, `ControlPersist=${PERSIST}`];
  return { options: shared.flatMap((option) => ['-o', option]), socket };
}

/** ssh has its own meaning for '%' and for what is in quotes. */
function isGoodForSocket(socket: string, folder: string): boolean {
  return (
    socket.length <= LONGEST && /^[\w./:@+,-]+$/.test(socket) && !WITHOUT_SOCKETS.includes(statfsSync(folder).type)
  );
}

/** The user's own word counts. `ssh -G` connects to nothing; what is wrong with it, the command itself will tell. */
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
