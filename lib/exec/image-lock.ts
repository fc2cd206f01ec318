import { randomUUID } from 'node:crypto';
import { rados } from '../steps/commands';
import { type Command, type LockSpec, NoPool, type Outcome, Refusal, ToolError } from '../steps/tools';
import { Stopped } from './children';
import { runOne } from './command';
import { type Session, sleep } from './tools';

/** Seconds that a lock lives without being renewed: how long others wait for one whose holder was killed. */
const DURATION = 60;
const RENEWAL = 15;
/** Seconds that a command may take until the lock counts as lost: with the time between two renewals less than it lives. */
const COMMAND_TIMEOUT = 30;
/** Seconds that a live holder is waited for: what it does may be an import of many gigabytes. */
const WAIT = 600;
const POLL = 2;
const NAME = 'cdktf-libvirt-ceph';

type ImageLock = Extract<LockSpec, { image: string }>;

/**
 * Runs `work` while nobody else holds the image's lock. Each `rados` call is another client, so that an exclusive lock
 * could not be renewed by the next call: ours is a shared one with a random tag of its own, which keeps out every other
 * tag and takes further lockers of the same. Lockers that were not renewed expire at the OSD.
 */
export async function withImageLock<T>(session: Session, lock: ImageLock, work: () => Promise<T>): Promise<T> {
  const { children } = session;
  const tag = randomUUID();
  await acquire(session, lock, tag);
  let renewal: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    renewal = take(session, lock, tag).then((outcome) => {
      if (outcome.exitCode === 0) return;
      children.stopAll(new Stopped(`the lock on ${titleOf(lock)} was lost`, 1, failure(lock, outcome)));
    });
  }, RENEWAL * 1000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await renewal;
    await release(session, lock, tag);
  }
}

async function acquire(session: Session, lock: ImageLock, tag: string): Promise<void> {
  const deadline = Date.now() + WAIT * 1000;
  let told = false;
  for (;;) {
    const outcome = await take(session, lock, tag);
    if (session.children.stopped.aborted) {
      if (outcome.exitCode === 0) await release(session, lock, tag);
      session.children.stopped.throwIfAborted();
    }
    if (outcome.exitCode === 0) return;
    if (!/\(16\)|EBUSY/.test(outcome.stderr)) throw failure(lock, outcome);
    const holder = await holderOf(session, lock);
    if (Date.now() > deadline) {
      const problem = `${titleOf(lock)} is still locked after ${WAIT / 60} minutes by ${holder}`;
      throw new Refusal(problem, 'wait for it to end, or end it, and apply again');
    }
    if (!told) session.say(`${titleOf(lock)}: waiting up to ${WAIT / 60} minutes for ${holder}`);
    told = true;
    await sleep(session.children, POLL);
  }
}

/** Takes the lock, or renews it. */
function take(session: Session, lock: ImageLock, tag: string): Promise<Outcome> {
  const options = ['--lock-type', 'shared', '--lock-tag', tag, '--lock-cookie', tag];
  const text = ['--lock-duration', String(DURATION), '--lock-description', session.holder];
  return run(session, radosOf(lock, 'lock', 'get', objectOf(lock), NAME, ...options, ...text));
}

/**
 * Gives the lock back by removing its object, in one operation. That cannot take away what another holds: the lock was
 * renewed just before, so that nobody else gets it for a while; the removal is given up before that has passed, and an OSD
 * drops the operations of a client that is gone.
 */
async function release(session: Session, lock: ImageLock, tag: string): Promise<void> {
  const renewed = await take(session, lock, tag);
  if (renewed.exitCode === 0) await run(session, radosOf(lock, 'rm', objectOf(lock)));
}

async function holderOf(session: Session, lock: ImageLock): Promise<string> {
  const { stdout } = await run(session, radosOf(lock, 'lock', 'info', objectOf(lock), NAME, '--format', 'json'));
  const lockers = /"description":("(?:[^"\\]|\\.)*")/.exec(stdout)?.[1];
  return lockers === undefined ? 'somebody who has just ended' : String(JSON.parse(lockers));
}

/** Also while the script stops: a lock is given back then. */
function run({ children }: Session, command: Command): Promise<Outcome> {
  return runOne(children, command, { timeout: COMMAND_TIMEOUT, evenWhenStopped: true });
}

function radosOf(lock: ImageLock, ...args: string[]): Command {
  return rados(lock.cluster, '--pool', lock.pool, ...args);
}

/** Not a name that RBD gives its own objects. */
function objectOf(lock: ImageLock): string {
  return `cdktf-libvirt-ceph.lock.${lock.image}`;
}

function titleOf({ pool, image }: ImageLock): string {
  return `image '${pool}/${image}'`;
}

function failure(lock: ImageLock, outcome: Outcome): Error {
  if (/error opening pool.*\(2\)/.test(outcome.stderr)) {
    const problem = `${titleOf(lock)} cannot be, as there is no pool '${lock.pool}'`;
    return new NoPool(problem, `make the pool first, or see that the name is right ('ceph osd pool ls')`);
  }
  return new ToolError(radosOf(lock, 'lock', 'get', objectOf(lock), NAME), outcome);
}
