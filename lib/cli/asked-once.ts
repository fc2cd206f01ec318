import type { Ceph } from '../ceph';
import { PARAMETERS, parametersOf } from '../ceph/parameters';
import type { ClusterSpec } from '../model';
import type { Command, Outcome, Tools } from '../steps/tools';

/**
 * Tools for looking at many objects at once: a request or command that several of them have in common runs only once.
 * Not for work that changes anything.
 */
export function askedOnce(tools: Tools): Tools {
  const answers = new Map<string, Promise<unknown>>();
  const once = <T>(question: readonly unknown[], ask: () => Promise<T>): Promise<T> => {
    const key = JSON.stringify(question);
    if (!answers.has(key)) answers.set(key, ask());
    return answers.get(key) as Promise<T>;
  };
  return {
    ...tools,
    ceph: (cluster) => cephOnce(tools.ceph(cluster), cluster, once),
    run: (command, options) =>
      options === undefined ? once(['run', command], () => tools.run(command)) : tools.run(command, options),
    attempt: (command: Command, options): Promise<Outcome> =>
      options === undefined
        ? once(['attempt', command], () => tools.attempt(command))
        : tools.attempt(command, options),
  };
}

function cephOnce(
  ceph: Ceph,
  cluster: ClusterSpec,
  once: <T>(question: readonly unknown[], ask: () => Promise<T>) => Promise<T>,
): Ceph {
  return new Proxy(ceph, {
    get(target, name: keyof Ceph) {
      const asked = (params: object = {}) => parametersOf(name, params as { readonly [name: string]: unknown });
      const requests = target as unknown as { readonly [name: string]: (params?: object) => Promise<unknown> };
      // JavaScript takes an object with a `then` for a promise.
      if (!(name in PARAMETERS)) return undefined;
      return (params?: object) => once([cluster, name, asked(params)], () => requests[name]?.(params) as never);
    },
  });
}
