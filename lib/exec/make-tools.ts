import { type Command, type LockSpec, type Outcome, type RunOptions, ToolError, type Tools } from '../steps/tools';
import { CephWorkers } from './ceph-worker';
import { runOne } from './run-command';
import { outputDigest } from './output-digest';
import { withFileLock } from './file-lock';
import { withImageLock } from './image-lock';
import { pipeKey } from './pipe-key';
import { pipe } from './pipe';
import { type ScriptSession, sleep } from './script-session';

/** Tools that hold connections open. */
export interface OpenTools extends Tools {
  /** Closes the connections, and releases the locks that are still held. */
  close(): Promise<void>;
}

/** `Tools` that run commands. */
export function makeTools(session: ScriptSession): OpenTools {
  const { children, say } = session;
  const workers = new CephWorkers(session);
  const attempt = async (command: Command, options: RunOptions = {}): Promise<Outcome> => {
    const tell = (): void => say(`'${command.argv.join(' ')}' has begun: waiting for it to end`);
    if (options.toItsEnd) children.stopped.addEventListener('abort', tell);
    try {
      return await runOne(children, command, options);
    } finally {
      children.stopped.removeEventListener('abort', tell);
    }
  };
  return {
    ceph: (cluster) => workers.of(cluster),
    close: () => workers.close(),
    attempt,
    async run(command, options) {
      const outcome = await attempt(command, options);
      if (outcome.exitCode !== 0) throw new ToolError(command, outcome);
      return outcome.stdout;
    },
    pipe: (source, sink, onBytes) => workers.whileCommandsWork(() => pipe(children, source, sink, onBytes)),
    digest: (command) => outputDigest(children, command),
    pipeKey: (source, sink) => pipeKey(children, source, sink),
    withLock: (lock: LockSpec, work) =>
      'image' in lock
        ? withImageLock(session, workers.of(lock.cluster), lock, work)
        : withFileLock(session, lock, work),
    say,
    warn: (line) => say(`Warning: ${line}`),
    sleep: (seconds) => sleep(children, seconds),
  };
}
