import type { Method } from '../../ceph/commands';

/** Seconds that Ceph may take for a request; all that answers at once has answered by then, or an OSD is down or full. */
const LIMIT = 30;
/** Of what looks at each image of a pool, or at each object of an image. */
const POOL_LIMIT = 600;

const LIMITS: { readonly [M in Method]?: number } = {
  poolContents: POOL_LIMIT,
  imagesInUse: POOL_LIMIT,
  removeSnapshot: POOL_LIMIT,
  createSnapshot: POOL_LIMIT,
  children: POOL_LIMIT,
  imageSpace: POOL_LIMIT,
};

/** What would leave an image with two names, or none, were it cut off; the worker has the same list. */
export const ATOMIC: readonly Method[] = ['renameImage', 'trashImage', 'restoreFromTrash', 'takeLock', 'giveLock'];

/** What goes over all data of an image takes as long as it takes, and so does what must not be cut off. */
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
