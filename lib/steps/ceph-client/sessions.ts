import type { ClusterSpec } from '../../model';
import { ceph } from '../commands';
import { Refusal, type Tools } from '../tools';
import { DEAD_WATCHER_SECONDS } from '../watchers';

const POLL_SECONDS = 2;

interface Session {
  readonly global_id: number;
  readonly entity_name?: string;
  readonly socket_addr?: { readonly addr: string; readonly nonce: number };
}

/**
 * Waits until nobody is connected as the entity, and throws a `Refusal` that names those who still are: a VM holds a
 * session with a monitor as long as it runs, wherever it runs and whoever made it. Watchers would not tell whose they are.
 */
export async function refuseConnected(cluster: ClusterSpec, entity: string, tools: Tools): Promise<void> {
  const deadline = Date.now() + DEAD_WATCHER_SECONDS * 1000;
  for (let said = false; ; said = true) {
    const found = [...(await connectedAs(cluster, entity, tools)).values()];
    if (found.length === 0) return;
    if (Date.now() >= deadline) {
      throw new Refusal(
        `'${entity}' is in use: connected are ${found.join(', ')}`,
        'stop or restart what uses it (a VM goes on with the client that it was started with), then apply again',
      );
    }
    if (!said) tools.say(`'${entity}' is in use by ${found.join(', ')}: waiting up to ${DEAD_WATCHER_SECONDS} s`);
    await tools.sleep(POLL_SECONDS);
  }
}

/** By number "client.4151 at 10.0.0.21:0/626011963", as the watchers of an image are named. */
export async function connectedAs(
  cluster: ClusterSpec,
  entity: string,
  tools: Tools,
): Promise<ReadonlyMap<number, string>> {
  const quorum = await tools.run(ceph(cluster, 'quorum_status', '--format', 'json'));
  const { quorum_names: monitors } = JSON.parse(quorum) as { quorum_names: string[] };
  const found = new Map<number, string>();
  for (const monitor of monitors) {
    const text = await tools.run(ceph(cluster, 'tell', `mon.${monitor}`, 'sessions', '--format', 'json'));
    for (const { global_id, entity_name, socket_addr: at } of JSON.parse(text) as Session[]) {
      if (entity_name === entity) found.set(global_id, `client.${global_id}${at ? ` at ${at.addr}/${at.nonce}` : ''}`);
    }
  }
  return found;
}
