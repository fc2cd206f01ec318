import { isIP } from 'node:net';
import { type ClusterSpec, type Monitor, parseMonitor } from '../model';
import { cephLine, localLine } from './runbook-lines';
import { fine, type Step, OK } from './step';
import { Refusal, type Tools } from './tools';

/** '10.0.0.11:6789', '[2001:db8::13]:3300': the addresses of a cluster's monitors. */
export type MonitorAddresses = readonly string[];

/** The monitors of the cluster that the commands reach. */
export function monitorAddresses(cluster: ClusterSpec, tools: Tools): Promise<MonitorAddresses> {
  return tools.ceph(cluster).monitors();
}

/**
 * Checks that the monitors given to VMs belong to the cluster that the commands reach by their own configuration. The
 * commands do not use the VMs' monitors: for a bare address, Ceph may try its older protocol, which would transfer a
 * key unencrypted, and names need not resolve where the commands run.
 */
export function monitorsStep<S, W extends { readonly monitors: MonitorAddresses }>(
  title: (spec: S) => string,
): Step<S & { readonly cluster: ClusterSpec }, W> {
  return {
    name: 'check the monitors of its cluster',
    describe: ({ cluster }) => monitorsByHand(cluster),
    judge(spec, { monitors }) {
      refuseOtherCluster(title(spec), spec.cluster, monitors);
      const strange = strangers(spec.cluster, monitors);
      if (strange.length === 0) return OK;
      return fine({ warn: `${title(spec)}: ${notOfCluster(spec.cluster, strange)}; ${theirs(monitors)}` });
    },
    act: async () => undefined,
  };
}

/**
 * Ends the runbook if none of the monitors belongs to the cluster that `ceph` reaches; only the hosts can resolve
 * names.
 */
function monitorsByHand(cluster: ClusterSpec): string[] {
  if (!cluster.monitors.every(isAddress)) return [];
  const found = cluster.monitors.map((text) => {
    const { host, port } = parseMonitor(text) as Monitor;
    const address = canonical(host);
    return `${address.includes(':') && !address.startsWith('[') ? `[${address}]` : address}:${port ?? ''}`;
  });
  return [`${cephLine(cluster, 'mon', 'dump')} | ${localLine('grep', '-F', ...found.flatMap((one) => ['-e', one]))}`];
}

/** Throws if none of the monitors given to VMs belongs to the cluster that the commands reach. */
export function refuseOtherCluster(title: string, cluster: ClusterSpec, known: MonitorAddresses): void {
  const strange = strangers(cluster, known);
  if (strange.length < cluster.monitors.length) return;
  throw new Refusal(
    `${title}: ${notOfCluster(cluster, strange)}`,
    `${theirs(known)}; 'monitors' and 'confFile' must name the same cluster`,
    'monitors-of-another-cluster',
  );
}

/** The same for callers that have not looked up the monitors. */
export async function assureCluster(title: string, cluster: ClusterSpec, tools: Tools): Promise<void> {
  // Only the hosts can resolve names.
  if (cluster.monitors.some((monitor) => !isAddress(monitor))) return;
  refuseOtherCluster(title, cluster, await monitorAddresses(cluster, tools));
}

function strangers({ monitors }: ClusterSpec, known: MonitorAddresses): string[] {
  return monitors.filter((monitor) => isStrange(monitor, known));
}

function notOfCluster({ confFile }: ClusterSpec, strange: readonly string[]): string {
  const conf = confFile ?? `Ceph's default configuration`;
  return `${strange.join(', ')} ${strange.length === 1 ? 'is not a monitor' : 'are not monitors'} of the cluster that ${conf} names`;
}

function theirs(known: MonitorAddresses): string {
  return `its monitors are ${known.join(', ')}`;
}

/** Only addresses can be judged; a name may resolve only on the hosts. */
function isStrange(text: string, known: MonitorAddresses): boolean {
  const monitor = parseMonitor(text);
  if (monitor === undefined || !isAddress(text)) return false;
  return !isAmong(monitor, known);
}

/** True if it is one of these, compared by address as written; without a port, any port matches. */
export function isAmong(monitor: Monitor, known: readonly string[]): boolean {
  return known.some((text) => isAt(monitor, parseMonitor(text)));
}

function isAddress(text: string): boolean {
  return isIP(parseMonitor(text)?.host ?? '') !== 0;
}

function isAt(monitor: Monitor, address: Monitor | undefined): boolean {
  if (address === undefined || canonical(monitor.host) !== canonical(address.host)) return false;
  return monitor.port === undefined || monitor.port === address.port;
}

/** One spelling for each address, of either family. */
function canonical(host: string): string {
  return isIP(host) === 6 ? new URL(`http://[${host}]`).hostname : host;
}
