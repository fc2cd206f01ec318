import type { CephClientRemoval } from '../../model';
import { markKey, removeMark } from '../ceph-mark';
import { refuseOtherCluster } from '../ceph-monitors';
import { ceph, typed } from '../commands';
import { differs, OK, type Step } from '../step';
import type { Tools } from '../tools';
import { refuseConnected } from './sessions';
import { type ClientState, entityOf, markName, seen, setMark, standingOf, titleOf } from './state';

/** RETAIN: the entity stays with its key, and its mark says that anybody may have it. */
export const release: Step<CephClientRemoval> = {
  name: 'release it',
  describe: (removal) =>
    removal.removalPolicy === 'retain'
      ? [`# a blank token in the mark: ceph config-key set ${markKey(markName(removal))}`]
      : [],
  async observe(removal, tools) {
    const state = await ours(removal, tools);
    return state && removal.removalPolicy === 'retain' ? differs('it stays and is no longer managed') : OK;
  },
  async act(removal, tools) {
    const state = await seen.get(removal, tools);
    if (state.mark) await setMark(removal, state, { ...state.mark, id: entityOf(removal), token: '' }, tools);
  },
};

/** DELETE: the entity goes, and its key with it; refused while anybody is connected as it. */
export const deletion: Step<CephClientRemoval> = {
  name: 'delete it',
  describe: (removal) => (removal.removalPolicy === 'delete' ? [typed('ceph', 'auth', 'del', entityOf(removal))] : []),
  async observe(removal, tools) {
    const state = await seen.get(removal, tools);
    const wanted = removal.removalPolicy === 'delete' && state.caps !== undefined;
    if (!wanted || !isOurs(state, removal)) return OK;
    await refuseConnected(removal.cluster, entityOf(removal), tools);
    return differs('it is still there');
  },
  async act(removal, tools) {
    await tools.run(ceph(removal.cluster, 'auth', 'del', entityOf(removal)));
    (await seen.get(removal, tools)).caps = undefined;
  },
};

/** A mark of ours goes once its entity is gone. */
export const markRemoval: Step<CephClientRemoval> = {
  name: 'remove its mark',
  describe: (removal) =>
    removal.removalPolicy === 'delete' ? [typed('ceph', 'config-key', 'rm', markKey(markName(removal)))] : [],
  async observe(removal, tools) {
    const state = await seen.get(removal, tools);
    return state.caps === undefined && isOurs(state, removal) ? differs('the entity is gone') : OK;
  },
  act: (removal, tools) => removeMark(removal.cluster, markName(removal), tools),
};

/** The entity that is there and that this entry may remove. */
async function ours(removal: CephClientRemoval, tools: Tools): Promise<ClientState | undefined> {
  const state = await seen.afresh(removal, tools);
  if (state.caps && isOurs(state, removal)) return state;
  refuseOtherCluster(titleOf(removal), removal.cluster, state.monitors);
  if (state.caps === undefined) {
    tools.say(`${titleOf(removal)}: it is gone already`);
    return undefined;
  }
  tools.say(`${titleOf(removal)}: it is not, or no longer, the one of this entry; it stays, nothing is done`);
  return undefined;
}

function isOurs(state: ClientState, removal: CephClientRemoval): boolean {
  return standingOf(state, removal, removal.token) === 'ours';
}
