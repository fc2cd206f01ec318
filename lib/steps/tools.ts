import type { Ceph } from '../ceph';
import type { ClusterSpec, TransportSpec } from '../model';

/** One command and where it runs. */
export interface Command {
  readonly argv: readonly string[];
  readonly transport: TransportSpec;
}

export interface RunOptions {
  /** The command's standard input, which is otherwise empty. */
  readonly input?: string;
  /** The same as bytes. */
  readonly bytes?: Uint8Array;
  /** Seconds, after which the command is killed. @default - no limit */
  readonly timeout?: number;
  /**
   * A command that has begun is waited for even if the script has to stop, because half-done work could not be
   * repaired.
   */
  readonly toItsEnd?: boolean;
  /** Called with each line of progress that the command prints on standard error. */
  readonly onProgress?: (line: string) => void;
}

/** How a command ended. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A file lock on the machine where the commands run, or a lock on an image in its pool. */
export type LockSpec =
  | { readonly file: string; readonly transport: TransportSpec }
  | { readonly image: string; readonly pool: string; readonly cluster: ClusterSpec };

/**
 * What a step may use. Everything that a step does to the world goes through here, so that it can be shown and stopped.
 */
export interface Tools {
  /** Requests to a cluster: one connection for the whole run, made when it is first needed. */
  ceph(cluster: ClusterSpec): Ceph;
  /** Standard output without its last newline. Throws a `ToolError` if the command fails. */
  run(command: Command, options?: RunOptions): Promise<string>;
  /** Does not throw if the command fails. */
  attempt(command: Command, options?: RunOptions): Promise<Outcome>;
  /**
   * Pipes standard output of one command into standard input of another; the data is stored nowhere. `onBytes`: how
   * much has passed so far.
   */
  pipe(source: Command, sink: Command, onBytes?: (total: number) => void): Promise<void>;
  /**
   * SHA-256 of standard output without trailing white space; the output itself is stored nowhere. Throws like `run`.
   */
  digest(command: Command): Promise<string>;
  /**
   * Passes the key that a command prints as JSON (`{"key":"..."}`), whatever else it prints, and nothing else, to
   * standard input of `sink`; returns its SHA-256. The key is stored nowhere.
   */
  pipeKey(source: Command, sink: Command): Promise<string>;
  /** Runs `work` with the lock held; waits for a live holder, then throws an error that names it. */
  withLock<T>(lock: LockSpec, work: () => Promise<T>): Promise<T>;
  /** A line for whoever watches the apply. */
  say(line: string): void;
  /** The same, marked as a warning. */
  warn(line: string): void;
  /** Only on a terminal: the progress of long work, in one line that is overwritten. */
  bar?(progress: { readonly what: string; readonly percent: number; readonly detail: string }): void;
  /** Waits; throws if the script has to stop. */
  sleep(seconds: number): Promise<void>;
}

/** A tool failed. The message is one line: what was run, and what it said. */
export class ToolError extends Error {
  constructor(
    public readonly command: Command,
    public readonly outcome: Outcome,
  ) {
    const said = outcome.stderr.trim().split('\n').slice(-3).join(' | ');
    super(`'${command.argv.join(' ')}' ended with ${outcome.exitCode}: ${said || 'it said nothing'}`);
    this.name = 'ToolError';
  }
}

/** The request cannot be carried out as things are; the step that says so has changed nothing. */
export class Refusal extends Error {
  /**
   * `problem` names the object and what is in the way; `next` is what the administrator can do. `code` is the kind of
   * problem: stable, and with an entry in docs/troubleshooting.md.
   */
  constructor(
    public readonly problem: string,
    public readonly next: string,
    public readonly code: string,
  ) {
    super(`${problem}; ${next}`);
    this.name = 'Refusal';
  }
}

/** The pool of an image is missing, and so is the image: its removal has nothing to do. */
export class NoPool extends Refusal {}

export function noPool(pool: string): NoPool {
  return new NoPool(
    `pool '${pool}' does not exist in the cluster`,
    `correct its name ('ceph osd lspools' lists them), or create it: 'ceph osd pool create ${pool}' and 'rbd pool init ${pool}'`,
    'pool-missing',
  );
}
