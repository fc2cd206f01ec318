import type { RbdSnapshotRemoval, RbdSnapshotSpec } from '../../model';
import { MARK_KEY, parseMark, type Mark } from '../mark';
import { imageInfo, imageMeta, snapshots, type ImageRef, type SnapshotInfo } from '../rbd-image/image';
import type { Tools } from '../tools';

type Named = Pick<RbdSnapshotSpec | RbdSnapshotRemoval, 'cluster' | 'pool' | 'image' | 'name'>;

/** What is there of a snapshot: the image, the snapshot itself and its mark. */
export interface Found {
  readonly imageId: string;
  readonly snapshot?: SnapshotInfo;
  readonly mark?: Mark;
}

/** "pool/image@snapshot" */
export function snapshotSpec({ pool, image, name }: Pick<Named, 'pool' | 'image' | 'name'>): string {
  return `${pool}/${image}@${name}`;
}

export function imageOf({ cluster, pool, image }: Named): ImageRef {
  return { cluster, pool, name: image };
}

/** The key of the mark beside the image. */
export function snapshotKey({ name }: Pick<Named, 'name'>): string {
  return `${MARK_KEY}.snap.${name}`;
}

/** What a mark names: the image too, since clones inherit the texts beside it. Without a snapshot: an intent. */
export function markId(imageId: string, snapshot: SnapshotInfo | undefined): string {
  return `${imageId}:${snapshot?.id ?? ''}`;
}

/** Undefined when the image itself is absent. */
export async function look(tools: Tools, spec: Named): Promise<Found | undefined> {
  const image = imageOf(spec);
  const info = await imageInfo(tools, image);
  if (info === undefined) return undefined;
  const snapshot = (await snapshots(tools, image)).find((one) => one.name === spec.name);
  const mark = parseMark((await imageMeta(tools, image))[snapshotKey(spec)]);
  return { imageId: info.id, snapshot, mark };
}

/**
 * The mark as it counts for what is there now. An intent, written before the snapshot is made, counts for the snapshot
 * that a killed run made after it.
 */
export function countingMark({ imageId, snapshot, mark }: Found): Mark | undefined {
  if (mark === undefined || snapshot === undefined) return undefined;
  const id = markId(imageId, snapshot);
  return mark.id === id || mark.id === markId(imageId, undefined) ? { ...mark, id } : undefined;
}
