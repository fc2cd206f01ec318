import type { Method } from '../../ceph/command-texts';
import { ATOMIC } from './limits';

export type Params = { readonly [name: string]: unknown };

export interface Pending {
  readonly operation: string;
  readonly method: Method;
  readonly params: Params;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress?: (percent: number) => void;
  readonly timer?: NodeJS.Timeout;
}

/** The requests to a worker that have no answer yet. */
export class Requests {
  private readonly pending = new Map<number, Pending>();
  private next = 1;

  /** Returns the number that the answer will have. */
  public add(request: Pending): number {
    this.pending.set(this.next, request);
    return this.next++;
  }

  public progress(id: number, percent: number): void {
    this.pending.get(id)?.onProgress?.(percent);
  }

  /** Its answer has come. Undefined: no caller waits for it any more. */
  public settle(id: number): Pending | undefined {
    const one = this.pending.get(id);
    clearTimeout(one?.timer);
    this.pending.delete(id);
    return one;
  }

  /** Those that must not be interrupted. */
  public get atomic(): readonly Pending[] {
    return [...this.pending.values()].filter(({ method }) => ATOMIC.includes(method));
  }

  public rejectAll(reason: unknown): void {
    for (const id of [...this.pending.keys()]) this.settle(id)?.reject(reason);
  }

  /** All but those that must not be interrupted. */
  public rejectInterruptible(reason: unknown): void {
    for (const [id, { method }] of [...this.pending]) if (!ATOMIC.includes(method)) this.settle(id)?.reject(reason);
  }
}
