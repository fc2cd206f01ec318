import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT = 120; // seconds; a guest boots in one, or in a hundred on a busy machine

type Look<T> = T | false | undefined;

/**
 * Looks until there is something, at this interval in milliseconds, and returns it; fails after two minutes. `what` is
 * for people. An error of `look` is ignored while there is time, because its subject may be busy.
 */
export async function until<T>(
  what: string,
  look: () => Look<T> | Promise<Look<T>>,
  every = 200,
): Promise<Exclude<T, false | undefined>> {
  let last = '';
  for (const end = Date.now() + LIMIT * 1000; Date.now() < end; await sleep(every)) {
    try {
      const found = await look();
      if (found !== false && found !== undefined) return found as Exclude<T, false | undefined>;
      last = '';
    } catch (error) {
      last = `; the last look failed: ${String(error)}`;
    }
  }
  throw new Error(`not within ${LIMIT} s: ${what}${last}`);
}
