import type { Children } from '../exec/children';
import type { Command, Outcome, Tools } from '../steps/tools';

/** What work on a whole VM needs. */
export interface VmSession {
  readonly tools: Tools;
  readonly children: Children;
  /** Completes even if the command was interrupted: for what must not be cut short, or must be undone. */
  cleanUp(command: Command, timeout: number): Promise<Outcome>;
  /** An interruption takes effect only when `work` has ended; the locks are kept until then. */
  untilDone<T>(work: () => Promise<T>): Promise<T>;
}
