import type { ClusterSpec } from '../model';
import { typed } from './commands';
import { type Mark, MARK_KEY, ownerText, parseMark, type Ownership } from './mark';
import type { Note } from './step';
import { Refusal, type Tools } from './tools';

/** The id in a mark that was written before its object was made. */
export const INTENT = '';

/** Where the mark of a thing that Ceph itself has no room for lies in `ceph config-key`: 'pool/libvirt-pool'. */
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
export const WHY_MARKED: { readonly [stands in Ownership]: string } = {
  ours: '',
  'ours-other-entry': 'the mark holds the token of another entry of ours',
  'released-by-us': 'we had released it',
  released: 'its owner has released it',
  foreign: '',
  unmarked: 'there is no mark',
};

/** Throws for a thing that another owner's mark holds; `next` is what else there is to do about it. */
export function refuseForeign(title: string, name: string, mark: Mark, next: string): never {
  const left = `if that is gone for good, '${typed('ceph', 'config-key', 'rm', markKey(name))}' clears its mark`;
  throw new Refusal(`${title} belongs to ${ownerText(mark.owner)}`, `${next}; ${left}`);
}

/** By its id the entry that held a thing is known, should its state be found again. */
export function takenBack(title: string, mark: Mark | undefined): Note {
  const held = `it is held by another entry of the same owner, '${mark?.entryId}'`;
  return { warn: `${title}: ${held}; it is taken back, as after a lost state file` };
}

/** For `describe`. */
export function typedMark(name: string, mark: object): string {
  return typed('ceph', 'config-key', 'set', markKey(name), JSON.stringify(mark));
}
