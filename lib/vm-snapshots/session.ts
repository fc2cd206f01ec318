import type { Children } from '../exec/children';
import type { Command, Outcome, Tools } from '../steps/tools';

/** What work on a whole VM has at hand. */
export interface VmSession {
  readonly tools: Tools;
  readonly children: Children;
  /** Runs to its end although the command was interrupted: for what must not be cut off, or has to be put back. */
  cleanUp(command: Command, timeout: number): Promise<Outcome>;
  /** An interruption meanwhile counts only when `work` has ended; the locks are kept until then. */
  untilDone<T>(work: () => Promise<T>): Promise<T>;
}
