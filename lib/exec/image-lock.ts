import { type CephLocks, isPoolMissing } from '../ceph';
import { type LockSpec, noPool, Refusal } from '../steps/tools';
import { type ScriptSession, sleep } from './script-session';

/** Seconds to wait for a live holder, which may be importing many gigabytes. */
const WAIT = 600;
/**
 * Seconds between two attempts, first and longest: the first clones of an image all wait for each other, but only
 * briefly.
 */
const [FIRST_POLL, LAST_POLL] = [0.05, 2];

type ImageLock = Extract<LockSpec, { image: string }>;

/**
 * Runs `work` while nobody else holds the image's lock: an exclusive lock of the worker, which renews it. If the worker
 * is killed, the lock expires.
 */
export async function withImageLock<T>(
  session: ScriptSession,
  ceph: CephLocks,
  lock: ImageLock,
  work: () => Promise<T>,
): Promise<T> {
  const held = await acquire(session, ceph, lock);
  try {
    return await work();
  } finally {
    // A worker that has been asked to end, or has ended, releases its locks.
    if (!session.children.stopped.aborted) await ceph.releaseLock({ lock: held });
  }
}

async function acquire(session: ScriptSession, ceph: CephLocks, lock: ImageLock): Promise<string> {
  const { pool, image } = lock;
  const deadline = Date.now() + WAIT * 1000;
  for (let [told, poll] = [false, FIRST_POLL]; ; [told, poll] = [true, Math.min(LAST_POLL, poll * 1.5)]) {
    const taken = await take(session, ceph, lock);
    if ('lock' in taken) return taken.lock;
    const holder = taken.holder ?? 'a process that has just ended';
    if (Date.now() > deadline) {
      const problem = `image '${pool}/${image}' is still locked after ${WAIT / 60} minutes by ${holder}`;
      throw new Refusal(problem, 'wait for it to end, or end it, and apply again', 'locked');
    }
    if (!told) {
      const most = `waiting up to ${WAIT / 60} minutes for ${holder} (one minute if it was killed)`;
      session.say(`image '${pool}/${image}': ${most}`);
    }
    await sleep(session.children, poll);
  }
}

async function take({ holder }: ScriptSession, ceph: CephLocks, { pool, image }: ImageLock) {
  try {
    return await ceph.takeLock({ pool, image, holder });
  } catch (error) {
    if (!isPoolMissing(error)) throw error;
    throw noPool(pool);
  }
}
