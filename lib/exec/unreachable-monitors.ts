import { CephConnectionError, ETIMEDOUT, isCephError } from '../ceph';
import type { ClusterSpec } from '../model';
import { cephConf } from '../steps/commands';
import { TimeLimitError } from './ceph-worker/faults';
import { Refusal, ToolError, type Tools } from '../steps/tools';

/** How Ceph's tools say that no monitor answered. */
const SILENCE =
  /authenticate timed out|couldn't connect to the cluster|failed to fetch mon config|error connecting to the cluster|^timed out$|ETIMEDOUT|Connection timed out/m;
/** How they say, in nearly the same words, that access was denied or that they found no key. */
const DENIED = /keyring|permission denied|not permitted/i;
const CEPH_TOOLS = ['ceph', 'rbd', 'rados'];

/**
 * Rewrites the error if no monitor answered: which were tried, and where their addresses came from. Looked up only
 * then, without asking a monitor.
 */
export async function nameMonitors(
  error: unknown,
  spec: { readonly cluster?: ClusterSpec },
  tools: Tools,
): Promise<unknown> {
  const { cluster } = spec;
  if (cluster === undefined || !isSilence(error)) return error;
  const looked = await tools.attempt(cephConf(cluster, '--lookup', 'mon_host'), { timeout: 5 }).catch(() => undefined);
  const tried = looked?.exitCode === 0 ? looked.stdout.trim() : cluster.monitors.join(', ');
  const conf = cluster.confFile ?? `Ceph's default configuration`;
  return new Refusal(
    `no monitor of ${conf} answered, tried: ${tried} (the VMs get ${cluster.monitors.join(', ')})`,
    `check that the monitors run and can be reached from where the commands run ('ceph -s'), then apply again`,
    'monitors-unreachable',
  );
}

/** Runs work on a cluster, and reports an error through `nameMonitors`. */
export async function onCluster<T>(cluster: ClusterSpec, tools: Tools, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await nameMonitors(error, { cluster }, tools);
  }
}

function isSilence(error: unknown): boolean {
  // The worker's own time limit is for OSDs that do not answer, unless the connection itself failed.
  if (isCephError(error, ETIMEDOUT)) return error instanceof CephConnectionError || !(error instanceof TimeLimitError);
  if (!(error instanceof ToolError)) return false;
  const ceph = CEPH_TOOLS.includes(error.command.argv[0] ?? '');
  const { stderr } = error.outcome;
  return ceph && SILENCE.test(stderr) && !DENIED.test(stderr);
}
