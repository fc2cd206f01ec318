import type { Session } from '../../ceph';
import type { ClusterSpec } from '../../model';
import { Refusal, type Tools } from '../tools';
import { DEAD_WATCHER_SECONDS } from '../watchers';

const POLL_SECONDS = 2;

/**
 * Waits until nobody is connected with the entity, and throws a `Refusal` that names those who still are: a VM has a
 * session with a monitor for as long as it runs, wherever it runs and whoever made it. Watchers do not say which entity
 * they belong to.
 */
export async function refuseConnected(cluster: ClusterSpec, entity: string, tools: Tools): Promise<void> {
  const deadline = Date.now() + DEAD_WATCHER_SECONDS * 1000;
  for (let said = false; ; said = true) {
    const found = (await tools.ceph(cluster).sessions({ entity })).map(textOf);
    if (found.length === 0) return;
    if (Date.now() >= deadline) {
      throw new Refusal(
        `'${entity}' is in use by ${found.join(', ')}`,
        'stop or restart what uses it (a VM keeps the client that it was started with), then apply again',
        'client-in-use',
      );
    }
    if (!said) tools.say(`'${entity}' is in use by ${found.join(', ')}: waiting up to ${DEAD_WATCHER_SECONDS} s`);
    await tools.sleep(POLL_SECONDS);
  }
}

/** "client.4151 at 10.0.0.21:0/626011963", as the watchers of an image are named. */
function textOf({ client, address }: Session): string {
  return `client.${client}${address ? ` at ${address}` : ''}`;
}
