import { isIP } from 'node:net';
import { type ClusterSpec, type Monitor, parseMonitor } from '../model';
import { ceph } from './commands';
import { OK, type Step } from './step';
import { Refusal, type Tools } from './tools';

/** '10.0.0.11:6789', '[2001:db8::13]:3300': where the monitors of a cluster answer. */
export type MonitorAddresses = readonly string[];

/** The monitors of the cluster that the commands reach. */
export async function monitorAddresses(cluster: ClusterSpec, tools: Tools): Promise<MonitorAddresses> {
  const { mons } = JSON.parse(await tools.run(ceph(cluster, 'mon', 'dump', '--format', 'json'))) as {
    mons: { public_addrs: { addrvec: { addr: string }[] } }[];
  };
  return mons.flatMap((mon) => mon.public_addrs.addrvec.map(({ addr }) => addr));
}

/**
 * The monitors that VMs are given are those of the cluster that the commands reach by their own configuration. The commands
 * are not given the VMs' monitors: a bare address may be tried by Ceph's older protocol, by which a key would go
 * unencrypted, and names need not resolve where the commands run.
 */
export function monitorsStep<S extends { readonly cluster: ClusterSpec }>(
  title: (spec: S) => string,
  addresses: (spec: S, tools: Tools) => Promise<MonitorAddresses>,
): Step<S> {
  return {
    name: 'the monitors of its cluster',
    describe: () => ['ceph mon dump'],
    async observe(spec, tools) {
      const known = await addresses(spec, tools);
      const strange = spec.cluster.monitors.filter((monitor) => isStrange(monitor, known));
      if (strange.length === 0) return OK;
      const conf = spec.cluster.confFile ?? `Ceph's default configuration`;
      const what = `${strange.join(', ')} ${strange.length === 1 ? 'is no monitor' : 'are no monitors'} of the cluster that ${conf} names`;
      const theirs = `its monitors are ${known.join(', ')}`;
      if (strange.length === spec.cluster.monitors.length) {
        throw new Refusal(`${title(spec)}: ${what}`, `${theirs}; make 'monitors' and 'confFile' those of one cluster`);
      }
      tools.warn(`${title(spec)}: ${what}; ${theirs}`);
      return OK;
    },
    act: async () => undefined,
  };
}

/** Only addresses can be judged; a name may be known to the hosts alone. */
function isStrange(text: string, known: MonitorAddresses): boolean {
  const monitor = parseMonitor(text);
  if (monitor === undefined || isIP(monitor.host) === 0) return false;
  return !isAmong(monitor, known);
}

/** It is one of these, by its address as it is written; any of their ports where it has none. */
export function isAmong(monitor: Monitor, known: readonly string[]): boolean {
  return known.some((text) => isAt(monitor, parseMonitor(text)));
}

function isAt(monitor: Monitor, address: Monitor | undefined): boolean {
  if (address === undefined || canonical(monitor.host) !== canonical(address.host)) return false;
  return monitor.port === undefined || monitor.port === address.port;
}

/** One spelling of an address of either family. */
function canonical(host: string): string {
  return isIP(host) === 6 ? new URL(`http://[${host}]`).hostname : host;
}
