import type { Pending } from './requests';

/** The locks that a worker holds for its run. */
export class HeldLocks {
  /** The image that each lock is on. */
  private readonly images = new Map<string, string>();

  public get any(): boolean {
    return this.images.size > 0;
  }

  /** A request was answered: it may have taken a lock or released one. */
  public note({ method, params }: Pending, result: unknown): void {
    const { lock } = (result ?? {}) as { readonly lock?: string };
    const image = `'${[params['pool'], params['image']].join('/')}'`;
    if (method === 'takeLock' && lock !== undefined) this.images.set(lock, image);
    if (method === 'releaseLock') this.images.delete(params['lock'] as string);
  }

  /**
   * Forgets all of them, if the named one is still held; returns the images of the lost ones. With none named, all are
   * lost.
   */
  public lose(lock: string | undefined): readonly string[] {
    const lost = [...this.images].filter(([one]) => lock === undefined || one === lock).map(([, image]) => image);
    if (lost.length > 0) this.images.clear();
    return lost;
  }
}
