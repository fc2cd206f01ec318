import type { TransportSpec } from '../model';
import { type Command, type LockSpec, Refusal, ToolError } from '../steps/tools';
import { type Child, Stopped } from './children';
import { outcomeOf } from './run-command';
import { outputOf } from './delimited-output';
import { eachLine } from './lines';
import type { ScriptSession } from './script-session';
import { locationOf } from './location';
import { delimitedArgvOf } from './transport';

/** Seconds to wait for a live holder: work under these locks takes seconds. */
const WAIT = 120;

/**
 * Holds the lock for as long as its standard input is open, so the lock ends with this script, even at the other end of
 * an ssh. The file is removed with the lock; whoever waited for the removed file tries again with a new one. It is
 * opened for reading: root may not open another user's file for writing in a folder with the sticky bit
 * (fs.protected_regular). A file that cannot be opened may have just been removed, so only the 50th failure, after some
 * five seconds, is an error. `exec` needs `command`: without it, a shell such as dash ends at the first.
 */
const HOLD = `
d=/tmp; for c in /run/lock /var/lock; do [ -d "$c" ] && [ -w "$c" ] && d=$c && break; done
f=$d/$1 failures=0
while :; do
  [ -e "$f" ] || (umask 0; : >>"$f") || exit 1
  { command exec 9<"$f"; } 2>/dev/null || {
    failures=$((failures + 1))
    [ "$failures" -lt 50 ] || : <"$f" || exit 1
    sleep 0.1
    continue
  }
  if ! flock -n 9; then
    echo "wait $(cat "$f")"
    flock -w "$3" 9 || { echo "busy $(cat "$f")"; exit 0; }
  fi
  [ "$f" -ef /dev/fd/9 ] && break
done
(printf '%s\\n' "$2" >"$f") 2>/dev/null
echo held
cat >/dev/null
rm -f "$f"
`;

/** Runs `work` while nobody else holds the lock of that name on the machine where the commands run. */
export async function withFileLock<T>(
  session: ScriptSession,
  lock: Extract<LockSpec, { file: string }>,
  work: () => Promise<T>,
): Promise<T> {
  const { children } = session;
  const transport = placeOfLock(lock.transport);
  const name = `cdktf-libvirt-ceph-${lock.file.replace(/[^\w.@+:-]/g, '_')}.lock`;
  const command: Command = { argv: ['sh', '-c', HOLD, 'sh', name, session.holder, String(WAIT)], transport };
  // The lock is released when this process ends, so it is not among the commands that a stop kills.
  const child = children.start(delimitedArgvOf(command), { stdin: 'pipe', evenWhenStopped: true });
  child.stdin?.on('error', () => undefined);
  const stopped = (): void => void child.stdin?.destroy();
  children.stopped.addEventListener('abort', stopped);
  let done = false;
  try {
    await acquired(session, child, command, name);
    void child.finally(() => {
      const lost = `the lock '${name}' ${locationOf(transport)} was lost, because its holder ended`;
      if (!done) children.stopAll(new Stopped(lost, 1));
    });
    return await work();
  } finally {
    done = true;
    children.stopped.removeEventListener('abort', stopped);
    child.stdin?.destroy();
    await child;
  }
}

/**
 * A prefix may start one container per call (`cephadm shell`), in which nobody else sees a lock: so it is taken here.
 */
function placeOfLock(transport: TransportSpec): TransportSpec {
  return transport.type === 'command' ? { type: 'local' } : transport;
}

async function acquired({ children, say }: ScriptSession, child: Child, command: Command, name: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const printed = outputOf(child, command);
    if (printed) {
      eachLine(printed.stream, (line) => {
        const holder = line.slice(5).trim() || 'a process that left no name';
        if (line === 'held') resolve();
        if (line.startsWith('wait ')) say(`waiting up to ${WAIT} s for ${holder}`);
        if (line.startsWith('busy ')) reject(busy(name, holder, command.transport));
      });
    }
    outcomeOf(child, command).then((outcome) => {
      children.stopped.aborted
        ? reject(children.stopped.reason as Error)
        : reject(new ToolError(shown(command, name), outcome));
    }, reject);
  });
}

function busy(name: string, holder: string, transport: TransportSpec): Refusal {
  const problem = `the lock '${name}' ${locationOf(transport)} is still held after ${WAIT} s by ${holder}`;
  return new Refusal(problem, 'wait for it to end, or end it, and apply again', 'locked');
}

/** For messages: without the program. */
function shown(command: Command, name: string): Command {
  return { ...command, argv: ['flock', name] };
}
