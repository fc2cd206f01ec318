import { isPoolMissing } from '../ceph';
import { nameMonitors } from '../exec/unreachable-monitors';
import type { CephPoolSpec, ClusterSpec, RbdImageSpec } from '../model';
import { refuseOtherCluster } from '../steps/ceph-monitors';
import { ceph, rbd } from '../steps/commands';
import { ToolError, type Command, type Tools } from '../steps/tools';
import { clockOf } from './clock';
import { type Found, warns } from './finding';
import { type Health, judgeHealth } from './health';
import { ofKind, type Place } from './places';
import { judgePoolSpace, type ClusterSpace } from './pool-space';
import { type Version, versionIn } from './versions';

/** What a cluster must be before the first apply: reachable, healthy, and with enough space. */
export async function clusterReady({ place: cluster, objects }: Place<ClusterSpec>, tools: Tools): Promise<Found[]> {
  try {
    const pools = ofKind<CephPoolSpec>(objects, 'ceph-pool').map(({ spec }) => spec);
    const images = ofKind<RbdImageSpec>(objects, 'rbd-image').map(({ spec }) => spec);
    await tools.run(rbd(cluster, '--version'));
    const health = (await json(ceph(cluster, 'health', 'detail'), tools)) as Health;
    // Uses the worker, which nearly every request of an apply goes through: this also tries its Python modules.
    refuseOtherCluster('the stack', cluster, await tools.ceph(cluster).monitors());
    const space = (await json(ceph(cluster, 'df', 'detail'), tools)) as ClusterSpace;
    return [
      ...judgeHealth(health),
      ...judgePoolSpace(space, pools, await toBeMade(images, tools)),
      ...bulk(pools, await clusterVersion(cluster, tools)),
      ...(await clockOf((...argv) => ({ argv, transport: cluster.transport }), tools)),
    ];
  } catch (error) {
    throw await nameMonitors(error, { cluster }, tools);
  }
}

/** The oldest version that any daemon of the cluster runs. */
export async function clusterVersion(cluster: ClusterSpec, tools: Tools): Promise<Version | undefined> {
  const { overall = {} } = (await json(ceph(cluster, 'versions'), tools)) as {
    overall?: { [version: string]: number };
  };
  const versions = Object.keys(overall)
    .map(versionIn)
    .filter((one) => one !== undefined);
  return versions.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2])[0];
}

/** The images that an apply would create. */
async function toBeMade(images: readonly RbdImageSpec[], tools: Tools): Promise<RbdImageSpec[]> {
  const missing: RbdImageSpec[] = [];
  for (const image of images) {
    try {
      if ((await tools.ceph(image.cluster).image(image)) === undefined) missing.push(image);
    } catch (error) {
      if (!isPoolMissing(error)) throw error;
      missing.push(image);
    }
  }
  return missing;
}

function bulk(pools: readonly CephPoolSpec[], version: Version | undefined): Found[] {
  const asked = pools.filter((pool) => pool.bulk === true).map(({ name }) => name);
  if (asked.length === 0 || version === undefined || version[0] >= 17) return [];
  return [
    warns(
      `Ceph ${version.join('.')} has no 'bulk' pools, which '${asked.join("', '")}' asks for`,
      'leave out `bulk`, or upgrade to Ceph 17',
    ),
  ];
}

async function json(command: Command, tools: Tools): Promise<unknown> {
  const wanted = { ...command, argv: [...command.argv, '--format', 'json'] };
  const outcome = await tools.attempt(wanted);
  if (outcome.exitCode !== 0) throw new ToolError(wanted, outcome);
  return JSON.parse(outcome.stdout) as unknown;
}
