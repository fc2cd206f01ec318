import type { CephPoolRemoval } from '../../model';
import { markKey, removeMark, typedMark, writeMark } from '../ceph-mark';
import { refuseOtherCluster } from '../ceph-monitors';
import { ceph, rados, rbd, typed } from '../commands';
import { type Mark, markFor } from '../mark';
import { differs, OK, type Step } from '../step';
import { Refusal, ToolError, type Tools } from '../tools';
import { markName, type PoolDetail, seen, standingOf, titleOf } from './state';

/** RBD's own records of a pool; a pool that holds nothing else holds no data. */
const RECORDS = /^rbd_(directory|children|info|trash|namespace|mirroring|mirror_leader|task)$/;
/** Above this many objects a pool is not listed to see whether one of them is data. */
const MOST_RECORDS = 100;

/** RETAIN: the pool stays with its data, and its mark says that anybody may have it. */
export const release: Step<CephPoolRemoval> = {
  name: 'release it',
  describe: (removal) =>
    removal.removalPolicy === 'retain'
      ? [typedMark(markName(removal), markFor({ ...removal, registry: '' }, 'NUMBER-OF-THE-POOL'))]
      : [],
  async observe(removal, tools) {
    const pool = await ours(removal, tools);
    return pool && removal.removalPolicy === 'retain' ? differs('it stays and is no longer managed') : OK;
  },
  async act(removal, tools) {
    const state = await seen.get(removal, tools);
    const mark: Mark = markFor({ ...removal, registry: '' }, String(state.pool?.pool_id));
    await writeMark(removal.cluster, markName(removal), mark, tools);
    state.mark = mark;
  },
};

/** DELETE: the pool goes, if it is empty. */
export const deletion: Step<CephPoolRemoval> = {
  name: 'delete it',
  describe: (removal) => (removal.removalPolicy === 'delete' ? [typed(...deleteCommand(removal))] : []),
  async observe(removal, tools) {
    if (removal.removalPolicy !== 'delete') return OK;
    const { pool } = await seen.get(removal, tools);
    if (pool === undefined || standingOf(await seen.get(removal, tools), removal, removal.token) !== 'ours') return OK;
    await refuseFull(removal, tools);
    return differs('it is empty');
  },
  async act(removal, tools) {
    const command = ceph(removal.cluster, ...deleteCommand(removal).slice(1));
    const outcome = await tools.attempt(command);
    if (outcome.stderr.includes('mon_allow_pool_delete')) {
      throw new Refusal(
        `${titleOf(removal)} cannot be deleted, as the cluster does not allow it`,
        `'ceph config set mon mon_allow_pool_delete true' allows it for all pools; apply again, then set it back to false`,
      );
    }
    if (outcome.exitCode !== 0) throw new ToolError(command, outcome);
    (await seen.get(removal, tools)).pool = undefined;
  },
};

/** A mark of ours goes once its pool is gone. */
export const markRemoval: Step<CephPoolRemoval> = {
  name: 'remove its mark',
  describe: (removal) =>
    removal.removalPolicy === 'delete' ? [typed('ceph', 'config-key', 'rm', markKey(markName(removal)))] : [],
  async observe(removal, tools) {
    const state = await seen.get(removal, tools);
    const left = state.pool === undefined && standingOf(state, removal, removal.token) === 'ours';
    return left ? differs('the pool is gone') : OK;
  },
  act: ({ cluster, name }, tools) => removeMark(cluster, markName({ name }), tools),
};

/** The pool that is there and that this entry may remove. */
async function ours(removal: CephPoolRemoval, tools: Tools): Promise<PoolDetail | undefined> {
  const state = await seen.afresh(removal, tools);
  if (state.pool && standingOf(state, removal, removal.token) === 'ours') return state.pool;
  refuseOtherCluster(titleOf(removal), removal.cluster, state.monitors);
  if (state.pool === undefined) {
    tools.say(`${titleOf(removal)}: it is gone already`);
    return undefined;
  }
  tools.say(`${titleOf(removal)}: it is not, or no longer, the one of this entry; it stays, nothing is done`);
  return undefined;
}

/** Throws while the pool holds any data: images, those in the trash, those of other pools that keep their data here. */
async function refuseFull(removal: CephPoolRemoval, tools: Tools): Promise<void> {
  const { cluster, name } = removal;
  const list = async (...args: string[]): Promise<{ name?: string }[]> =>
    JSON.parse(await tools.run(rbd(cluster, ...args, '--format', 'json', name))) as { name?: string }[];
  const images = (await list('ls', '--long')).map((image) => (image as { image?: string }).image ?? '');
  const held: [string, string[]][] = [
    ['images', [...new Set(images)]],
    ['images in its trash', (await list('trash', 'ls', '--all')).map((image) => image.name ?? '')],
    ['namespaces', (await list('namespace', 'ls')).map((namespace) => namespace.name ?? '')],
  ];
  const found = held.filter(([, names]) => names.length > 0).map(([what, names]) => `${what} (${some(names)})`);
  // Last, as it shows every object, those of an image that was made since too: Ceph deletes a pool whatever it holds.
  const others = found.length > 0 ? [] : await otherObjects(removal, tools);
  if (others.length > 0) found.push(`objects that are not RBD's records (${some(others)})`);
  if (found.length === 0) return;
  throw new Refusal(
    `${titleOf(removal)} is not deleted, as it still holds ${found.join(' and ')}`,
    `remove these first, or keep the pool by RemovalPolicy.RETAIN`,
  );
}

async function otherObjects({ cluster, name }: CephPoolRemoval, tools: Tools): Promise<string[]> {
  const { pools } = JSON.parse(await tools.run(rados(cluster, '--pool', name, 'df', '--format', 'json'))) as {
    pools: { num_objects: number | string }[];
  };
  const count = Number(pools[0]?.num_objects);
  if (count > MOST_RECORDS) return [`${count} in all`];
  const text = await tools.run(rados(cluster, '--pool', name, '--all', 'ls'));
  return text
    .split('\n')
    .map((line) => line.split('\t').pop() as string)
    .filter((object) => object !== '' && !RECORDS.test(object));
}

function some(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}

function deleteCommand({ name }: CephPoolRemoval): string[] {
  return ['ceph', 'osd', 'pool', 'delete', name, name, '--yes-i-really-really-mean-it'];
}
