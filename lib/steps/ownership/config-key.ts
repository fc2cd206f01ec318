import type { ClusterSpec } from '../../model';
import { commandText } from '../commands';
import type { Tools } from '../tools';
import { type Mark, MARK_KEY, type Ownership, parseMark } from './mark';

/** The id in a mark that was written before its object was made. */
export const INTENT = '';

/** The key in `ceph config-key` for the mark of an object that cannot store it itself: 'pool/libvirt-pool'. */
export function markKey(name: string): string {
  return `${MARK_KEY}/${name}`;
}

export async function readMark<M extends Mark>(
  cluster: ClusterSpec,
  name: string,
  tools: Tools,
): Promise<M | undefined> {
  return parseMark(await tools.ceph(cluster).configKey({ key: markKey(name) })) as M | undefined;
}

export async function writeMark(cluster: ClusterSpec, name: string, mark: Mark, tools: Tools): Promise<void> {
  await tools.ceph(cluster).setConfigKey({ key: markKey(name), value: JSON.stringify(mark) });
}

export async function removeMark(cluster: ClusterSpec, name: string, tools: Tools): Promise<void> {
  await tools.ceph(cluster).removeConfigKey({ key: markKey(name) });
}

/** Why the mark of a thing is written. */
export const WHY_MARKED: { readonly [ownership in Ownership]: string } = {
  ours: '',
  'ours-other-entry': 'the mark names another entry of this stack',
  'released-by-us': 'this stack had released it',
  released: 'its owner has released it',
  foreign: '',
  unmarked: 'it has no mark',
};

/** What else can be done about an object that another owner's mark holds. */
export function clearsMark(name: string): string {
  return `if that stack is gone for good, '${commandText('ceph', 'config-key', 'rm', markKey(name))}' clears its mark`;
}
