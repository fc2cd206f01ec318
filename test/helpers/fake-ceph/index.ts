import type { Ceph, CephLocks, LongRequest } from '../../../lib/ceph';
import { commandOf, type Method } from '../../../lib/ceph/command-texts';
import { parametersOf } from '../../../lib/ceph/parameters';
import { Contents } from './contents';
import { Requests } from './requests';

/** The name of a client's method, before the request is carried out. */
export interface Asked {
  readonly method: Method;
  readonly params: { readonly [name: string]: unknown };
}

/**
 * A cluster in memory, for decisions that do not need the lab; the contract suite ensures that it behaves like a real
 * one. The test sets what only the outside world does (who has an image open, a session, an interrupted removal).
 */
export class FakeCeph extends Contents {
  /** Every request, in order. */
  public readonly asked: Asked[] = [];
  /** Called before a request is carried out: to change the world in the meantime, or to fail. */
  public before: (asked: Asked) => void | Promise<void> = () => undefined;

  /** The tools of one run. */
  public client(): Ceph & CephLocks {
    return new Proxy({} as Ceph & CephLocks, {
      get: (_, name) => {
        if (typeof name !== 'string' || name === 'then') return undefined;
        const method = name as Method;
        return async (given: { [name: string]: unknown } = {}, options: LongRequest = {}) => {
          const params = parametersOf(method, given);
          this.asked.push({ method, params });
          await this.before({ method, params });
          const work = new Requests(this)[method] as (params: unknown, options: LongRequest) => unknown;
          const result = await work(params, options);
          // As if it came from another process.
          return result === undefined ? undefined : (JSON.parse(JSON.stringify(result)) as unknown);
        };
      },
    });
  }

  /** The requests without the looks: "setMetadata vms/web1". */
  public get changes(): string[] {
    return this.asked.filter(({ method }) => !LOOKS.includes(method)).map((one) => commandOf(one.method, one.params));
  }
}

const LOOKS: readonly Method[] = [
  ...(['monitors', 'pool', 'poolNames', 'poolContents', 'crushRule', 'clientCaps', 'keyDigest', 'sessions'] as const),
  ...(['ticketSeconds', 'configKey', 'configKeys', 'image', 'watchers', 'imageNames', 'imagesInUse'] as const),
  ...(['imageSpace', 'children', 'isRemovalInterrupted', 'trash', 'takeLock', 'releaseLock'] as const),
];
