import type { HostSpec } from '../model';
import { virsh } from '../steps/commands';
import { ToolError, type Tools } from '../steps/tools';

/**
 * Sources of an address, the most reliable first: the guest's agent, the DHCP server of a libvirt network, the host's
 * neighbours.
 */
export const SOURCES = ['agent', 'lease', 'arp'] as const;
export type AddressSource = (typeof SOURCES)[number];

/** An address of a VM, as one of the sources reports it. */
export interface VmAddress {
  readonly address: string;
  /** The length of its network's prefix; the host's neighbours have none. */
  readonly prefix?: number;
  readonly mac: string;
  /** The guest's own name of the interface, if its agent reports it; otherwise the host's. */
  readonly interface: string;
  readonly source: AddressSource;
}

/** What the sources report about a VM. */
export interface AddressAnswers {
  readonly addresses: readonly VmAddress[];
  /** Why the agent reported none; empty if it reported some, or simply has none. */
  readonly agent: string;
}

/** A guest agent that hangs holds libvirt up for longer than a user wants to wait. */
const TIMEOUT_SECONDS = 30;

/**
 * Asks all sources in one call of virsh, because over ssh each call costs a connection. The names in between separate
 * the answers.
 */
export async function askForAddresses(host: HostSpec, name: string, tools: Tools): Promise<AddressAnswers> {
  const asked = SOURCES.map((source) => `echo ${source}; domifaddr ${name} --full --source ${source}`);
  const command = virsh(host, asked.join('; '));
  const outcome = await tools.attempt(command, { timeout: TIMEOUT_SECONDS });
  if (outcome.stderr.includes('failed to connect to the hypervisor')) throw new ToolError(command, outcome);
  const reported = parseAddresses(outcome.stdout);
  const addresses = reported.length === 0 && outcome.stderr.includes(UNREAD) ? await neighbours(host, tools) : reported;
  return { addresses, agent: agentSays(outcome.stderr) };
}

/**
 * The error of libvirt (9.0) about a host whose kernel (6.18) ends the list of neighbours in the same message as its
 * last one.
 */
const UNREAD = 'wrong nlmsg len';

async function neighbours({ transport }: HostSpec, tools: Tools): Promise<VmAddress[]> {
  const outcome = await tools.attempt({ argv: ['ip', 'neigh', 'show'], transport }, { timeout: TIMEOUT_SECONDS });
  return outcome.exitCode === 0 ? parseNeighbours(outcome.stdout) : [];
}

/**
 * "198.18.0.12 dev br0 lladdr 52:54:00:aa:bb:01 STALE ", with a trailing space; a neighbour that no longer answers is
 * ignored.
 */
export function parseNeighbours(stdout: string): VmAddress[] {
  return [...stdout.matchAll(/^(\S+) dev (\S+) lladdr (\S+) (?:.* )?(\S+) *$/gm)].flatMap(
    ([, address = '', name = '', mac = '', state]) =>
      state === 'FAILED' ? [] : [{ address, mac: mac.toLowerCase(), interface: name, source: 'arp' as const }],
  );
}

/**
 * One line per address, beginning with a space, after the name of its source, which `virsh --quiet` (9.0) does not end
 * with a newline: "leasearp vnet0 ...". The name of a Windows interface has spaces.
 */
export function parseAddresses(stdout: string): VmAddress[] {
  const found: VmAddress[] = [];
  let source: AddressSource | undefined;
  for (const line of stdout.split('\n')) {
    const [names = ''] = /^(agent|lease|arp)*/.exec(line) ?? [];
    source = SOURCES.find((one) => names.endsWith(one)) ?? source;
    const [, name = '', mac = '', address = '', prefix = ''] =
      /^ ?(.*?)\s+((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\s+ipv[46]\s+(\S+)\/(\d+)\s*$/i.exec(line.slice(names.length)) ?? [];
    if (source === undefined || address === '') continue;
    const length = source === 'arp' ? {} : { prefix: Number(prefix) };
    found.push({ address, ...length, mac: mac.toLowerCase(), interface: name, source });
  }
  return found;
}

/**
 * The addresses by which others reach the VM: those of its own interfaces (a guest has more, such as its containers'
 * bridges), without loopback and link-local ones; all from the most reliable source that knows any.
 */
export function reachable(all: readonly VmAddress[], macs: readonly string[]): VmAddress[] {
  const own = all.filter(({ mac, address }) => macs.includes(mac) && !LOCAL.test(address));
  const source = SOURCES.find((one) => own.some((address) => address.source === one));
  return own.filter((address) => address.source === source);
}

const LOCAL = /^(127\.|169\.254\.|::1$|fe[89ab][0-9a-f]:)/i;

function agentSays(stderr: string): string {
  const line = stderr.split('\n').find((one) => /agent/i.test(one)) ?? '';
  return line.replace(/^error: /, '').trim();
}
