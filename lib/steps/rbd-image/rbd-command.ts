import type { ImageName } from '../../ceph';
import type { ClusterSpec } from '../../model';
import { rbd } from '../commands';
import { MARK_KEY, parseMark, type Mark } from '../ownership/mark';
import { noPool, ToolError, type Command, type Tools } from '../tools';

/** An image by its cluster, pool and name. */
export interface ImageRef {
  readonly cluster: ClusterSpec;
  readonly pool: string;
  readonly name: string;
}

/** What `rbd info` says about an image. */
export interface ImageInfo {
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  readonly object_size: number;
  readonly features: readonly string[];
  readonly data_pool?: string;
  readonly parent?: {
    readonly pool: string;
    readonly image: string;
    readonly snapshot: string;
    readonly trash: boolean;
  };
}

export interface SnapshotInfo {
  readonly id: number;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** When it was taken, in the words and the time zone of the machine where `rbd` runs. */
  readonly timestamp: string;
}

/** What an image was created from, as JSON beside the mark. */
export const SOURCE_KEY = `${MARK_KEY}.source`;

/** "pool/image" */
export function imageSpecOf(image: { readonly pool: string; readonly name: string }): string {
  return `${image.pool}/${image.name}`;
}

/** How requests name it. */
export function nameOf({ pool, name }: { readonly pool: string; readonly name: string }): ImageName {
  return { pool, name };
}

/** Undefined if the image is missing; an unknown pool is refused. */
export async function imageInfo(tools: Tools, image: ImageRef): Promise<ImageInfo | undefined> {
  const text = await presentOnly(tools, image, rbd(image.cluster, 'info', '--format', 'json', imageSpecOf(image)));
  return text === undefined ? undefined : (JSON.parse(text) as ImageInfo);
}

/** The snapshots that users see, without those that live on only for their clones. */
export async function snapshots(tools: Tools, image: ImageRef): Promise<readonly SnapshotInfo[]> {
  const text = await presentOnly(
    tools,
    image,
    rbd(image.cluster, 'snap', 'ls', '--format', 'json', imageSpecOf(image)),
  );
  return text === undefined ? [] : (JSON.parse(text) as SnapshotInfo[]);
}

/** The metadata of an image. Clones and copies inherit it: a mark counts only if it names this image's id. */
export async function imageMeta(tools: Tools, image: ImageRef): Promise<{ readonly [key: string]: string }> {
  const command = rbd(image.cluster, 'image-meta', 'list', '--format', 'json', imageSpecOf(image));
  const text = await presentOnly(tools, image, command);
  return text === undefined || text.trim() === '' ? {} : (JSON.parse(text) as { [key: string]: string });
}

export async function imageMark(tools: Tools, image: ImageRef): Promise<Mark | undefined> {
  return parseMark((await imageMeta(tools, image))[MARK_KEY]);
}

export async function setMeta(tools: Tools, image: ImageRef, key: string, value: object): Promise<void> {
  await tools.run(rbd(image.cluster, 'image-meta', 'set', imageSpecOf(image), key, JSON.stringify(value)));
}

export async function removeMeta(tools: Tools, image: ImageRef, key: string): Promise<void> {
  await tools.run(rbd(image.cluster, 'image-meta', 'remove', imageSpecOf(image), key));
}

export async function imageNames(tools: Tools, cluster: ClusterSpec, pool: string): Promise<readonly string[]> {
  const text = await presentOnly(tools, { cluster, pool, name: '' }, rbd(cluster, 'ls', '--format', 'json', pool));
  return text === undefined ? [] : (JSON.parse(text) as string[]);
}

/** `rbd` returns 2 (ENOENT) for a missing image and for a missing pool; only its text tells them apart. */
async function presentOnly(tools: Tools, image: ImageRef, command: Command): Promise<string | undefined> {
  const outcome = await tools.attempt(command);
  if (outcome.exitCode === 0) return outcome.stdout;
  if (/error opening pool|pool .* does not exist/.test(outcome.stderr)) {
    throw noPool(image.pool);
  }
  if (outcome.exitCode === 2 && outcome.stderr.includes('error opening image')) return undefined;
  throw new ToolError(command, outcome);
}
