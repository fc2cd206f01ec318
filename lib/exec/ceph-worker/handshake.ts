import type { CephError } from '../../ceph';
import type { TransportSpec } from '../../model';
import { locationOf } from '../location';
import { missingModules, noInput, refused, silentConnection } from './faults';
import type { Frame } from './frames';

/** Seconds until the worker must have its program, from its start. */
const START_LIMIT = 20;
/** Seconds that connecting to the cluster may take; the worker itself gives up earlier. */
const CONNECT_LIMIT = 25;
/** Seconds that a worker gets to end by itself after the cluster has refused it. */
const REFUSED_LIMIT = 3;

/** A worker from its start until it is connected: what must happen by when, and what it means if it does not. */
export class Handshake {
  /** Resolves when the worker takes requests. */
  public readonly ready: Promise<void>;
  private settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  private limit: NodeJS.Timeout | undefined;
  private refusal: Frame['refused'];

  /** `fail` ends the worker; `stderr` is what it has printed there until now. */
  constructor(
    private readonly transport: TransportSpec,
    private readonly fail: (reason: Error) => void,
    private readonly stderr: () => string,
  ) {
    this.ready = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    this.ready.catch(() => undefined);
    this.within(START_LIMIT, () => noInput(transport));
  }

  public take(frame: Frame): void {
    if (frame.fed) this.within(CONNECT_LIMIT, () => silentConnection(CONNECT_LIMIT, locationOf(this.transport)));
    if (frame.noInput) this.fail(noInput(this.transport));
    if (frame.missing) this.fail(missingModules(frame.missing, frame.python ?? 'python3', this.transport));
    // Ceph's libraries print to another pipe, so the worker's end is waited for.
    if (frame.refused) {
      const { refused: refusal } = frame;
      this.refusal = refusal;
      this.within(REFUSED_LIMIT, () => this.refusedBy(refusal));
    }
    if (frame.ready) {
      clearTimeout(this.limit);
      this.settle?.resolve();
    }
  }

  /** Nothing is waited for any more. */
  public reject(reason: unknown): void {
    clearTimeout(this.limit);
    this.settle?.reject(reason);
  }

  /** Why the cluster refused the worker; undefined if it did not. */
  public get fault(): CephError | undefined {
    return this.refusal && this.refusedBy(this.refusal);
  }

  private refusedBy(refusal: NonNullable<Frame['refused']>): CephError {
    return refused(refusal, this.stderr(), locationOf(this.transport));
  }

  private within(seconds: number, fault: () => Error): void {
    clearTimeout(this.limit);
    this.limit = setTimeout(() => this.fail(fault()), seconds * 1000);
  }
}
