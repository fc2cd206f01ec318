import type { Method } from '../../ceph/command-texts';

/** Seconds that Ceph may take for a simple request; if it takes longer, an OSD is down or full. */
const LIMIT = 30;
/** The same for a request that looks at each image of a pool, or at each object of an image. */
const POOL_LIMIT = 600;

const LIMITS: { readonly [M in Method]?: number } = {
  poolContents: POOL_LIMIT,
  imagesInUse: POOL_LIMIT,
  removeSnapshot: POOL_LIMIT,
  createSnapshot: POOL_LIMIT,
  children: POOL_LIMIT,
  imageSpace: POOL_LIMIT,
};

/** Requests that would leave an image with two names, or none, if interrupted; the worker has the same list. */
export const ATOMIC: readonly Method[] = ['renameImage', 'trashImage', 'restoreFromTrash', 'takeLock', 'releaseLock'];

/**
 * Requests that go over all data of an image have no time limit, and neither have those that must not be interrupted.
 */
const UNLIMITED: readonly Method[] = [
  'removeImage',
  'purgeTrash',
  'flattenImage',
  'growImage',
  'renameImage',
  'trashImage',
  'restoreFromTrash',
];

export function limitOf(method: Method): number | undefined {
  return UNLIMITED.includes(method) ? undefined : (LIMITS[method] ?? LIMIT);
}
