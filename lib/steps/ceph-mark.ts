import type { ClusterSpec } from '../model';
import { ceph, typed } from './commands';
import { type Mark, MARK_KEY, parseMark } from './mark';
import { type Command, ToolError, type Tools } from './tools';

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
  return parseMark(await optional(ceph(cluster, 'config-key', 'get', markKey(name)), tools)) as M | undefined;
}

export async function writeMark(cluster: ClusterSpec, name: string, mark: Mark, tools: Tools): Promise<void> {
  await tools.run(ceph(cluster, 'config-key', 'set', markKey(name), JSON.stringify(mark)));
}

export async function removeMark(cluster: ClusterSpec, name: string, tools: Tools): Promise<void> {
  await tools.run(ceph(cluster, 'config-key', 'rm', markKey(name)));
}

/** Standard output; undefined where Ceph says that there is no such thing. */
export async function optional(command: Command, tools: Tools): Promise<string | undefined> {
  const outcome = await tools.attempt(command);
  if (outcome.exitCode === 0) return outcome.stdout;
  if (outcome.stderr.includes('ENOENT')) return undefined;
  throw new ToolError(command, outcome);
}

/** For `describe`. */
export function typedMark(name: string, mark: object): string {
  return typed('ceph', 'config-key', 'set', markKey(name), JSON.stringify(mark));
}
