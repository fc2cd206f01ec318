import { fewAtOnce } from '../few-at-once';
import type { ClusterSpec, HostSpec } from '../model';
import { locationOf } from '../exec/location';
import type { Tools } from '../steps/tools';
import { clusterReady } from './cluster';
import type { refused } from './finding';
import { type Finding, found } from './finding';
import { hostReady } from './host';
import { type Needs, needsOf, type Wanted } from './places';
import { refuseTaken } from './names-taken';
import { terraformPlace } from './terraform-place';

export type { Finding } from './finding';
export type { Wanted } from './places';

/** What was checked, and what was found. */
export interface Preflight {
  /** False: the apply would fail. */
  readonly ok: boolean;
  readonly clusters: number;
  readonly hosts: number;
  readonly objects: number;
  readonly findings: readonly Finding[];
}

/** Checks every place that a stack needs, and changes nothing. `engine` is the command of Terraform or OpenTofu. */
export async function preflight(objects: readonly Wanted[], engine: string, tools: Tools): Promise<Preflight> {
  const needs = needsOf(objects);
  const findings = [
    ...(await found('where Terraform runs', () => terraformPlace(needs, engine, tools))),
    ...(await atPlaces(needs, tools)),
  ];
  return {
    ok: findings.every(({ level }) => level !== 'fails'),
    clusters: needs.clusters.length,
    hosts: needs.hosts.length,
    objects: objects.length,
    findings: findings.sort((a, b) => rank(a) - rank(b)),
  };
}

const rank = ({ level }: Finding): number => (level === 'fails' ? 0 : 1);

async function atPlaces({ clusters, hosts, objects }: Needs, tools: Tools): Promise<Finding[]> {
  const ofClusters = await fewAtOnce(clusters, (one) => found(ofCluster(one.place), () => clusterReady(one, tools)));
  const ofHosts = await fewAtOnce(hosts, (one) => found(ofHost(one.place), () => hostReady(one, tools)));
  const findings = [...ofClusters.flat(), ...ofHosts.flat()];
  // If a place itself cannot be reached, each of its objects would only repeat that.
  const lost = new Set(findings.filter(({ level }) => level === 'fails').map(({ place }) => place));
  const rest = objects.filter((one) => placesOf(one).every((place) => !lost.has(place)));
  const taken = await fewAtOnce(rest, (one) => found(placesOf(one).at(-1) ?? '', () => takenBy(one, tools)));
  return [...findings, ...taken.flat()];
}

async function takenBy(one: Wanted, tools: Tools): Promise<ReturnType<typeof refused>[]> {
  await refuseTaken(one, tools);
  return [];
}

function placesOf({ spec }: Wanted): string[] {
  const { cluster, host } = spec as { readonly cluster?: ClusterSpec; readonly host?: HostSpec };
  return [...(cluster ? [ofCluster(cluster)] : []), ...(host ? [ofHost(host)] : [])];
}

function ofCluster({ transport }: ClusterSpec): string {
  return `Ceph, asked ${locationOf(transport)}`;
}

function ofHost({ uri }: HostSpec): string {
  return `host ${uri}`;
}

/** The worst first, each with what fixes it. */
export function renderPreflight({ findings, clusters, hosts, objects, ok }: Preflight): string[] {
  const lines = findings.flatMap(({ level, place, problem, fix }) => [
    `${level === 'fails' ? 'FAILS' : 'WARNS'}  ${place}: ${problem}`,
    `       fix: ${fix}`,
  ]);
  const count = (what: Finding['level']): number => findings.filter(({ level }) => level === what).length;
  const checked = `checked ${plural(clusters, 'cluster')}, ${plural(hosts, 'host')} and ${plural(objects, 'object')}`;
  if (findings.length === 0) return [`${checked}: an apply can go ahead`];
  const verdict = ok ? 'an apply can go ahead' : `an apply would fail`;
  return [
    ...lines,
    `${checked}: ${verdict} (${plural(count('fails'), 'failure')}, ${plural(count('warns'), 'warning')})`,
  ];
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
