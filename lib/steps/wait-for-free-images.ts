import type { Image } from '../ceph';
import { parseDuration, parseImageSpec, type ClusterSpec, type DiskSpec } from '../model';
import { refuseHalfRolledBack } from './rollback-mark';
import { Refusal, type Tools } from './tools';
import { refuseWatchers, waitForNoWatchers, watchersText } from './watchers';

/**
 * Seconds in addition to the guest's own timeout: a dead host's client is a watcher for 30 s, and the end of a live
 * migration takes a few.
 */
const MARGIN = 60;

/** A domain that waits for its images. */
export interface WaitingVm {
  readonly name: string;
  readonly cluster: ClusterSpec;
  readonly shutdownTimeout: string;
}

/** "pool/image" of each writable disk. */
export function writtenImages(disks: { readonly [target: string]: DiskSpec }): string[] {
  return Object.values(disks)
    .filter(isWritten)
    .map((disk) => disk.image);
}

function isWritten(disk: DiskSpec): boolean {
  return disk.readOnly !== true && disk.cdrom !== true;
}

/**
 * Before a disk is attached to a running VM: throws a `Refusal` if anybody has an image open that the disk writes to.
 */
export async function refuseAttachingOpenImage(cluster: ClusterSpec, disk: DiskSpec, tools: Tools): Promise<void> {
  if (!isWritten(disk)) return;
  const { pool, name } = parseImageSpec(disk.image);
  await refuseWatchers(tools, cluster, { pool, name }, 'attached');
}

/** The first image that is open elsewhere, in words; only meaningful while the domain itself does not run. */
export function heldImage(images: readonly string[], seen: ReadonlyMap<string, Image | undefined>): string | undefined {
  for (const image of images) {
    const { watchers = [], mirroring } = seen.get(image) ?? {};
    // One watcher of a mirrored image may be the daemon that mirrors it; the wait finds out which.
    if (mirroring === undefined && watchers.length > 0) return `image '${image}' is open by ${watchersText(watchers)}`;
  }
  return undefined;
}

/** Waits until the images are free and starts the domain, holding the locks of the images throughout. */
export function startOnceImagesFree(
  spec: WaitingVm,
  images: readonly string[],
  tools: Tools,
  start: () => Promise<void>,
): Promise<void> {
  const waitThenStart = async (): Promise<void> => {
    await waitUntilImagesFree(spec, images, tools);
    await start();
  };
  // Always in the same order, so that two scripts never wait for each other.
  const locked = [...new Set(images)].sort().reduceRight((work, image) => {
    const { pool, name } = parseImageSpec(image);
    return () => tools.withLock({ cluster: spec.cluster, pool, image: name }, work);
  }, waitThenStart);
  return locked();
}

/**
 * Before a domain starts: waits until nobody else has an image open that it writes to, so that a VM that moves between
 * hosts never runs twice. Throws a `Refusal` that names who still has it open.
 */
export async function waitUntilImagesFree(spec: WaitingVm, images: readonly string[], tools: Tools): Promise<void> {
  await refuseHalfRolledBack(spec, images, tools);
  const deadline = Date.now() + (parseDuration(spec.shutdownTimeout) + MARGIN) * 1000;
  for (const image of images) {
    const left = Math.max(0, Math.ceil((deadline - Date.now()) / 1000));
    const { pool, name } = parseImageSpec(image);
    const found = await waitForNoWatchers(tools, spec.cluster, pool, name, left);
    if (found.length > 0) {
      throw new Refusal(
        `VM '${spec.name}' cannot start: its image '${image}' is in use by ${watchersText(found)}`,
        `stop what uses it there ('rbd status ${image}' shows it), then apply again`,
        'image-in-use',
      );
    }
  }
}
