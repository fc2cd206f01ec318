import type { Ceph, CephLocks, LongRequest } from '../../ceph';
import type { Method } from '../../ceph/command-texts';
import { parametersOf } from '../../ceph/parameters';
import type { ClusterSpec } from '../../model';
import type { ScriptSession } from '../script-session';
import { Worker } from './worker';

/** The workers of a run: one per cluster, started with the first request. */
export class CephWorkers {
  private readonly workers = new Map<string, Worker>();

  constructor(private readonly session: ScriptSession) {}

  /** Each method call is sent as a request. */
  public of(cluster: ClusterSpec): Ceph & CephLocks {
    const request = (method: Method) => (params: { [name: string]: unknown }, options?: LongRequest) =>
      this.worker(cluster).request(method, parametersOf(method, params), options?.onProgress);
    return new Proxy({} as Ceph & CephLocks, {
      // JavaScript takes an object with a `then` for a promise.
      get: (_, name) => (typeof name === 'string' && name !== 'then' ? request(name as Method) : undefined),
    });
  }

  /** Lets all workers end. */
  public async close(): Promise<void> {
    await Promise.all([...this.workers.values()].map((worker) => worker.close()));
  }

  /**
   * For work that a command does, such as an import: it may outlive a killed script, whose locks then expire instead of
   * being released, so that the next run begins after it.
   */
  public async whileCommandsWork<T>(work: () => Promise<T>): Promise<T> {
    const holding = [...this.workers.values()].filter((worker) => worker.holdsLocks);
    const expire = (value: boolean) =>
      Promise.all(
        holding.filter((one) => one.holdsLocks).map((one) => one.request('setLocksExpire', { expire: value })),
      );
    await expire(true);
    try {
      return await work();
    } finally {
      if (!this.session.children.stopped.aborted) await expire(false);
    }
  }

  /** A worker that has ended is replaced by a new one. */
  private worker(cluster: ClusterSpec): Worker {
    const { transport, confFile, adminId, keyringFile } = cluster;
    const key = JSON.stringify([transport, confFile, adminId, keyringFile]);
    const present = this.workers.get(key);
    if (present?.alive) return present;
    this.session.children.stopped.throwIfAborted();
    const made = new Worker(this.session, cluster);
    this.workers.set(key, made);
    return made;
  }
}
