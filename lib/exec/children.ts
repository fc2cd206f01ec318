import { type Process, startProcess } from './process';

/** Milliseconds between asking a child to end and killing it. */
const GRACE = 3000;

/** The script must end: its parent has died, it was interrupted, or it lost a lock that it needs; `cause` says why. */
export class Stopped extends Error {
  constructor(
    reason: string,
    public readonly exitCode: number,
    cause?: Error,
  ) {
    super(reason, { cause });
    this.name = 'Stopped';
  }
}

export interface SpawnOptions {
  /** 'ignore': empty; 'pipe': the caller writes it and ends it. */
  readonly stdin: 'ignore' | 'pipe';
  /** False: the caller reads standard output from the stream, and nothing is kept. @default true */
  readonly keepStdout?: boolean;
  /** Keeps running when the script is stopped in the meantime. */
  readonly toItsEnd?: boolean;
  /** For releasing locks: starts and keeps running even if the script has been stopped. */
  readonly evenWhenStopped?: boolean;
}

/** The running commands, each in its own process group, so that whatever they started ends with them. */
export class Children {
  private readonly running = new Set<Child>();
  private readonly stop = new AbortController();

  /** Aborted with a `Stopped` once the script must end. */
  public get stopped(): AbortSignal {
    return this.stop.signal;
  }

  public start(argv: readonly string[], options: SpawnOptions) {
    if (!options.evenWhenStopped) this.stopped.throwIfAborted();
    const child = spawn(argv, options);
    if (!options.evenWhenStopped && !options.toItsEnd) {
      this.running.add(child);
      const ended = (): void => void this.running.delete(child);
      child.then(ended, ended);
    }
    return child;
  }

  /** Ends a child and what it started. */
  public end(child: Child): void {
    signalGroup(child, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE);
    const clear = (): void => clearTimeout(timer);
    child.then(clear, clear);
  }

  /** Ends all children; whoever waits for one gets the reason. Only the first reason counts. */
  public stopAll(reason: Stopped): void {
    if (this.stopped.aborted) return;
    this.stop.abort(reason);
    for (const child of this.running) this.end(child);
  }
}

export type Child = Process;

/**
 * Node.js gives a child a socket as standard input, but virsh opens it as /dev/stdin, which fails for a socket ("No
 * such device or address"): such a command gets a pipe.
 */
const THROUGH_PIPE = ['sh', '-c', 'cat | "$@"', 'sh'];

function spawn(argv: readonly string[], { stdin, keepStdout = true }: SpawnOptions): Child {
  const words = stdin === 'pipe' && argv.includes('/dev/stdin') ? [...THROUGH_PIPE, ...argv] : argv;
  // The tools' messages are read and shown; a password prompt would wait forever.
  return startProcess(words, { stdin, keepStdout, env: { LC_ALL: 'C.UTF-8', SSH_ASKPASS_REQUIRE: 'never' } });
}

function signalGroup(child: Child, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
