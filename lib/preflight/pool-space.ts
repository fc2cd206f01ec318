import { bytesText, type CephPoolSpec, parseSize, type RbdImageSpec } from '../model';
import { type Found, fails, warns } from './finding';

/** `ceph df detail --format json`, as far as it is used. */
export interface ClusterSpace {
  readonly stats: { readonly total_avail_bytes: number };
  readonly pools: readonly {
    readonly name: string;
    readonly stats: { readonly max_avail: number; readonly stored: number; readonly quota_bytes?: number };
  }[];
}

/** How many copies a pool keeps by default. */
const COPIES = 3;

/** Whether the pools have enough space for the images to be created, if their guests fill them. */
export function judgePoolSpace(
  space: ClusterSpace,
  pools: readonly CephPoolSpec[],
  images: readonly RbdImageSpec[],
): Found[] {
  const asked = new Map<string, number>();
  for (const { pool, dataPool = pool, size } of images) {
    asked.set(dataPool, (asked.get(dataPool) ?? 0) + (size === undefined ? 0 : parseSize(size)));
  }
  return [...asked].flatMap(([name, bytes]) => {
    const free = freeIn(name, space, pools);
    if (free <= 0)
      return [
        fails(`pool '${name}' has no free space`, 'add OSDs, raise its quota, or delete what is not needed: ceph df'),
      ];
    if (bytes <= free) return [];
    const needs = `the images of this stack may grow to ${bytesText(bytes)} in pool '${name}', which has ${bytesText(roundedTo(free))}`;
    return [
      warns(
        `${needs} free: once it is full, VMs that write to it stop`,
        `add OSDs, or make the images smaller: ceph df`,
      ),
    ];
  });
}

function freeIn(name: string, { pools, stats }: ClusterSpace, wanted: readonly CephPoolSpec[]): number {
  const pool = pools.find((one) => one.name === name);
  if (pool === undefined) return stats.total_avail_bytes / (wanted.find((one) => one.name === name)?.size ?? COPIES);
  const { max_avail: free, quota_bytes: quota = 0, stored } = pool.stats;
  return quota > 0 ? Math.min(free, quota - stored) : free;
}

/** Whole MiB, because less is not significant. */
function roundedTo(bytes: number): number {
  return Math.floor(bytes / 2 ** 20) * 2 ** 20;
}
