import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds, a minute at most; `what` is for people, and it is looked `every` so many milliseconds. */
export async function until(what: string, holds: () => Promise<boolean>, every = 200): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds()); await sleep(every)) {
    if (Date.now() > end) throw new Error(`not within a minute: ${what}`);
  }
}
