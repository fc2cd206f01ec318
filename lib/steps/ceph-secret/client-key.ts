import type { CephSecretSpec } from '../../model';
import { ceph } from '../commands';
import { MARK_KEY, parseMark } from '../mark';
import { type Command, Refusal, ToolError, type Tools } from '../tools';

/** Gives out the key as JSON: only ever the source of `pipeKey` or `keyDigest`. */
export function getKey({ cluster, entity }: CephSecretSpec): Command {
  return ceph(cluster, 'auth', 'get-key', entity, '--format', 'json');
}

/**
 * The random id of the client's present key, from the client's mark: what tells that a private secret holds an old key.
 * Blank for a client that is not ours.
 */
export async function keyGeneration({ cluster, entity }: CephSecretSpec, tools: Tools): Promise<string> {
  const command = ceph(cluster, 'config-key', 'get', `${MARK_KEY}/client/${entity.replace(/^client\./, '')}`);
  const outcome = await tools.attempt(command);
  if (outcome.exitCode !== 0 && !outcome.stderr.includes('ENOENT')) throw new ToolError(command, outcome);
  const mark = outcome.exitCode === 0 ? parseMark(outcome.stdout) : undefined;
  return (mark as { readonly generation?: string } | undefined)?.generation ?? '';
}

/** Does what needs the key; a client that Ceph does not know is told by its name. */
export async function withKey<T>(spec: CephSecretSpec, work: (source: Command) => Promise<T>): Promise<T> {
  try {
    return await work(getKey(spec));
  } catch (error) {
    if (!(error instanceof ToolError) || !error.outcome.stderr.includes('ENOENT')) throw error;
    throw new Refusal(
      `secret '${spec.usage}' is to hold the key of '${spec.entity}', which Ceph does not know`,
      `make that client first ('ceph auth get ${spec.entity}' shows whether it is there)`,
    );
  }
}
