import type { CephClientSpec, HostSpec } from '../model';
import { attributeAt, findAll, parseXml, textAt, type XmlElement } from '../render/xml';
import { readMark } from '../steps/ownership/config-key';
import { type ClientMark, entityOf, markName } from '../steps/ceph-client/lookup';
import { ceph, onHost, virsh } from '../steps/commands';
import { ToolError, type Tools } from '../steps/tools';
import { onCluster } from '../exec/unreachable-monitors';
import { type Result, type Session } from './command-session';
import { ofKind, type Objects } from './stack-objects';
import { table } from './table';

/** Where libvirt's system daemon stores the process id of a VM's QEMU; only written when QEMU starts. */
const PID_FOLDER = '/run/libvirt/qemu';

/** A running VM that uses a client of the stack. */
export interface ClientUser {
  readonly vm: string;
  readonly host: string;
  /** When its QEMU started (ISO 8601); absent if that cannot be read. */
  readonly started?: string;
  /** It started before the current key replaced an earlier one; absent: unknown. */
  readonly outdated?: boolean;
}
export interface ClientUsers {
  readonly entity: string;
  readonly keyGeneration: number | undefined;
  /** When its current key replaced an earlier one; absent if none did. */
  readonly since?: string;
  /** When the last ticket of the earlier key ends at the latest. */
  readonly until?: string;
  readonly users: readonly ClientUser[];
}

/** Which running VMs still use the ticket of an earlier key, and must be restarted before it ends. */
export async function clients(session: Session): Promise<Result> {
  const objects = await session.objects();
  const running = await runningVms(hostsOf(objects), session.tools);
  const found: ClientUsers[] = [];
  for (const { spec } of ofKind<CephClientSpec>(objects, 'ceph-client')) {
    const mark = await onCluster(spec.cluster, session.tools, () =>
      readMark<ClientMark>(spec.cluster, markName(spec), session.tools),
    );
    const users = running.filter(({ ids }) => ids.includes(spec.id)).map((vm) => userOf(vm, mark?.since));
    const late = users.some(({ outdated }) => outdated !== false);
    const until = mark?.since === undefined || !late ? {} : { until: await ticketEnd(spec, mark.since, session.tools) };
    found.push({ entity: entityOf(spec), keyGeneration: mark?.keyGeneration, since: mark?.since, ...until, users });
  }
  const finding = found.some(({ users }) => users.some(({ outdated }) => outdated !== false));
  return { json: found, lines: found.flatMap(rendered), finding };
}

export interface RunningVm {
  readonly name: string;
  readonly host: string;
  readonly started?: string;
  /** The cephx IDs of its disks. */
  readonly ids: readonly string[];
}

/** `since` is undefined if the key was never replaced: then no VM can have an older one. */
export function userOf({ name, host, started }: RunningVm, since: string | undefined): ClientUser {
  if (since === undefined) return { vm: name, host, started, outdated: false };
  return { vm: name, host, started, outdated: started === undefined ? undefined : started < since };
}

/** The cephx IDs that a VM's disks are opened with. */
export function idsOf(definition: XmlElement): string[] {
  const disks = findAll(definition, 'devices/disk').filter((one) => attributeAt(one, 'source', 'protocol') === 'rbd');
  const ids = disks.map((one) => attributeAt(one, 'auth', 'username') ?? attributeAt(one, 'source/auth', 'username'));
  return [...new Set(ids.filter((id) => id !== undefined))];
}

async function runningVms(hosts: readonly HostSpec[], tools: Tools): Promise<RunningVm[]> {
  const found: RunningVm[] = [];
  for (const host of hosts) {
    const names = (await tools.run(virsh(host, 'list', '--name'))).split('\n').map((line) => line.trim());
    for (const name of names.filter((one) => one !== '')) {
      const looked = await tools.attempt(virsh(host, 'dumpxml', '--', name));
      if (/failed to get domain|Domain not found/.test(looked.stderr)) continue; // it ended meanwhile
      if (looked.exitCode !== 0) throw new ToolError(virsh(host, 'dumpxml', '--', name), looked);
      const definition = parseXml(looked.stdout);
      const ids = idsOf(definition);
      if (ids.length === 0) continue;
      const started = await startOf(host, textAt(definition, 'name') ?? name, tools);
      found.push({ name, host: host.uri, started, ids });
    }
  }
  return found;
}

async function startOf(host: HostSpec, name: string, tools: Tools): Promise<string | undefined> {
  const looked = await tools.attempt(onHost(host, 'stat', '--format', '%Y', '--', `${PID_FOLDER}/${name}.pid`));
  const seconds = Number(looked.stdout.trim() || Number.NaN);
  return looked.exitCode === 0 && Number.isFinite(seconds) ? new Date(seconds * 1000).toISOString() : undefined;
}

/** A client reconnects with the monitors' ticket, which lasts the longest. */
async function ticketEnd({ cluster }: CephClientSpec, since: string, tools: Tools): Promise<string> {
  const seconds = Number(await tools.run(ceph(cluster, 'config', 'get', 'mon', 'auth_mon_ticket_ttl')));
  return new Date(Date.parse(since) + seconds * 1000).toISOString();
}

function hostsOf({ applied }: Objects): HostSpec[] {
  const hosts = applied.flatMap(({ spec }) => (spec as { readonly host?: HostSpec }).host ?? []);
  return [...new Map(hosts.map((host) => [host.uri, host])).values()];
}

function rendered({ entity, keyGeneration, since, until, users }: ClientUsers): string[] {
  const made = since === undefined ? 'the first' : `created ${since}`;
  const end = until === undefined ? '' : `; tickets of an earlier key expire by ${until}`;
  const states = users.map(({ outdated }) => (outdated === undefined ? 'unknown' : outdated ? 'restart' : 'ok'));
  const rows = users.map(({ vm, host, started }, index) => [`  ${vm}`, host, started ?? '-', states[index] ?? '']);
  return [
    `${entity}: key of generation ${keyGeneration ?? '-'}, ${made}${end}`,
    ...table(['  VM', 'HOST', 'STARTED', 'STATE'], rows),
  ];
}
