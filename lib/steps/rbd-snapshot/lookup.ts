import type { Image, Snapshot } from '../../ceph';
import type { RbdSnapshotRemoval, RbdSnapshotSpec } from '../../model';
import { assureCluster } from '../ceph-monitors';
import { MARK_KEY, parseMark, type Mark } from '../ownership/mark';
import { nameOf, type ImageRef } from '../rbd-image/rbd-command';
import { inPool } from '../rbd-image/observed-image';
import type { Tools } from '../tools';

type Named = Pick<RbdSnapshotSpec | RbdSnapshotRemoval, 'cluster' | 'pool' | 'image' | 'name'>;

/** A snapshot as a removal sees it: the image, the snapshot itself and its mark. */
export interface SnapshotWorld {
  /** Undefined if the image itself is missing. */
  readonly image?: Image;
  readonly snapshot?: Snapshot;
  readonly mark?: Mark;
}

/** The same if the image exists. */
export type Found = SnapshotWorld & { readonly image: Image };

/** "pool/image@snapshot" */
export function snapshotSpec({ pool, image, name }: Pick<Named, 'pool' | 'image' | 'name'>): string {
  return `${pool}/${image}@${name}`;
}

export function imageOf({ cluster, pool, image }: Pick<Named, 'cluster' | 'pool' | 'image'>): ImageRef {
  return { cluster, pool, name: image };
}

/** The key of the mark in the image's metadata. */
export function snapshotKey({ name }: Pick<Named, 'name'>): string {
  return `${MARK_KEY}.snap.${name}`;
}

/** What a mark names, including the image, because clones inherit metadata. Without a snapshot: an intent. */
export function markId(image: Pick<Image, 'id'>, snapshot: Snapshot | undefined): string {
  return `${image.id}:${snapshot?.id ?? ''}`;
}

export async function look(spec: Named, tools: Tools): Promise<SnapshotWorld> {
  const image = await inPool(spec, () => tools.ceph(spec.cluster).image(nameOf(imageOf(spec))));
  if (image === undefined) return {};
  const snapshot = image.snapshots.find(({ name, namespace }) => namespace === 'user' && name === spec.name);
  return { image, snapshot, mark: parseMark(image.metadata[snapshotKey(spec)]) };
}

export async function observeSnapshot(spec: RbdSnapshotSpec, tools: Tools): Promise<SnapshotWorld> {
  const world = await look(spec, tools);
  if (world.snapshot === undefined) await assureCluster(`snapshot '${snapshotSpec(spec)}'`, spec.cluster, tools);
  return world;
}

/**
 * The mark that counts for the current state. An intent, written before the snapshot is created, counts for the
 * snapshot that a killed run created after it.
 */
export function countingMark({ image, snapshot, mark }: Found): Mark | undefined {
  if (mark === undefined || snapshot === undefined) return undefined;
  const id = markId(image, snapshot);
  return mark.id === id || mark.id === markId(image, undefined) ? { ...mark, id } : undefined;
}
