import { setTimeout as wait } from 'node:timers/promises';
import type { Children } from './children';

/** A run of the script, for those who watch it and those who wait for its locks. */
export interface ScriptSession {
  readonly children: Children;
  /** Who holds the locks, and for what. */
  readonly holder: string;
  readonly say: (line: string) => void;
}

/** Waits; throws at once when the script was stopped. */
export async function sleep(children: Children, seconds: number): Promise<void> {
  await wait(seconds * 1000, undefined, { signal: children.stopped }).catch(() => undefined);
  children.stopped.throwIfAborted();
}
