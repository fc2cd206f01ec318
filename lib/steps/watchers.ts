import { type Ceph, isPoolMissing, type Watcher } from '../ceph';
import type { ClusterSpec } from '../model';
import { Refusal, type Tools } from './tools';

export type { Watcher } from '../ceph';

/** Seconds after which Ceph has dropped a dead client (30 by default), and a few more. */
export const DEAD_WATCHER_SECONDS = 35;
const POLL_SECONDS = 2;

/**
 * The client that `rbd mirror pool peer bootstrap` creates for another cluster's rbd-mirror, which reads images here.
 */
const MIRROR_PEER = 'client.rbd-mirror-peer';

/**
 * Who has an image open; nobody if the image is missing. Locks do not show it: a running, idle QEMU holds none. The
 * daemon that mirrors an image to another cluster does not count: it has the image open for as long as it is mirrored,
 * but only reads.
 */
export async function watchers(tools: Tools, cluster: ClusterSpec, pool: string, image: string): Promise<Watcher[]> {
  const ceph = tools.ceph(cluster);
  try {
    const found = await ceph.watchers({ pool, name: image });
    return found.length === 0 ? [] : await withoutMirror(ceph, { pool, name: image }, found);
  } catch (error) {
    if (isPoolMissing(error)) return [];
    throw error;
  }
}

async function withoutMirror(
  ceph: Ceph,
  of: { readonly pool: string; readonly name: string },
  found: readonly Watcher[],
): Promise<Watcher[]> {
  if ((await ceph.image(of))?.mirroring === undefined) return [...found];
  const mirrors = (await ceph.sessions({ entity: MIRROR_PEER })).map(({ client }) => client);
  return found.filter(({ client }) => !mirrors.includes(client));
}

/**
 * Waits until nobody has the image open; returns those who still do after `seconds`. The clients of dead hosts
 * disappear by themselves within 30 s.
 */
export async function waitForNoWatchers(
  tools: Tools,
  cluster: ClusterSpec,
  pool: string,
  image: string,
  seconds: number = DEAD_WATCHER_SECONDS,
): Promise<readonly Watcher[]> {
  const deadline = Date.now() + seconds * 1000;
  let said = false;
  for (;;) {
    const found = await watchers(tools, cluster, pool, image);
    if (found.length === 0 || Date.now() >= deadline) return found;
    if (!said) tools.say(`image '${pool}/${image}' is open by ${watchersText(found)}: waiting up to ${seconds} s`);
    said = true;
    await tools.sleep(POLL_SECONDS);
  }
}

/** The same, but throws a `Refusal` that names the clients. `doing` is "moved to the trash". */
export async function refuseWatchers(
  tools: Tools,
  cluster: ClusterSpec,
  image: { readonly pool: string; readonly name: string },
  doing: string,
  seconds: number = DEAD_WATCHER_SECONDS,
): Promise<void> {
  const left = await waitForNoWatchers(tools, cluster, image.pool, image.name, seconds);
  if (left.length === 0) return;
  throw new Refusal(
    `image '${image.pool}/${image.name}' cannot be ${doing}: it is in use by ${watchersText(left)}`,
    'stop the VM or unmap the device there, then apply again',
    'image-in-use',
  );
}

/** "client.4151 at 10.0.0.21:0/626011963, ..." */
export function watchersText(found: readonly Watcher[]): string {
  return found.map(({ client, address }) => `client.${client} at ${address}`).join(', ');
}
