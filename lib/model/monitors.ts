import { isIPv6 } from 'node:net';

/** One monitor, apart: `port` is absent where Ceph's own applies. IPv6 addresses are without brackets. */
export interface Monitor {
  readonly host: string;
  readonly port?: number;
}

type Protocol = 'v2' | 'any' | 'v1';
interface Address extends Monitor {
  readonly protocol: Protocol;
}

/** A VM is given one address of each monitor, by the newest protocol: libvirt has no way to say that two are of one. */
const PREFERRED: readonly Protocol[] = ['v2', 'any', 'v1'];

const HOST = String.raw`(?:\[(?<v6>[0-9A-Fa-f:.]+)\]|(?<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\.?)`;
const PLAIN = new RegExp(String.raw`^${HOST}(?::(?<port>\d{1,5}))?(?:\/\d+)?$`);
const TYPED = new RegExp(String.raw`^(?<protocol>v1|v2|any):${HOST}:(?<port>\d{1,5})(?:\/\d+)?$`);
/** All addresses of one monitor in brackets, which hold commas themselves, or what stands between separators. */
const WORD = /\[\s*(?:v1|v2|any):.*?\](?=[\s,;]|$)|[^\s,;](?:[^,;]*[^\s,;])?/g;

/**
 * The monitors that a text names, each with its addresses: what people write ('host', 'host:port', '[v6]:port'), what Ceph
 * prints ('[v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0]', 'v2:host:3300', 'host:port/nonce'), with a DNS name's final dot or
 * without, one or several. Undefined when any of it is none of these, or nothing is named.
 */
export function parseAddresses(text: string): readonly (readonly Address[])[] | undefined {
  const monitors = (text.match(WORD) ?? []).map(addressesOf);
  return monitors.length > 0 && monitors.every((one) => one !== undefined) ? monitors : undefined;
}

/** The monitors that a text names as VMs are given them: 'host', 'host:port', '[v6]' or '[v6]:port'. */
export function monitorsIn(text: string): string[] | undefined {
  return parseAddresses(text)?.map((addresses) => monitorText(preferred(addresses)));
}

/** The one monitor that a text names; undefined when it names none, or several. */
export function parseMonitor(text: string): Monitor | undefined {
  const [only, ...more] = parseAddresses(text) ?? [];
  if (only === undefined || more.length > 0) return undefined;
  const { host, port } = preferred(only);
  return { host, port };
}

/** One text for all clusters with the same monitors, in whatever order they are named. */
export function clusterIdentity({ monitors }: { readonly monitors: readonly string[] }): string {
  return [...monitors].sort().join(',');
}

export function sameCluster(one: Parameters<typeof clusterIdentity>[0], other: typeof one): boolean {
  return clusterIdentity(one) === clusterIdentity(other);
}

function addressesOf(word: string): readonly Address[] | undefined {
  const typed = /^\[\s*((?:v1|v2|any):.*)\]$/.exec(word)?.[1];
  if (typed === undefined) {
    const address = addressIn(word);
    return address && [address];
  }
  const addresses = typed
    .trim()
    .split(/\s*,\s*/)
    .map(typedIn);
  return addresses.every((one) => one !== undefined) ? addresses : undefined;
}

function preferred(addresses: readonly Address[]): Monitor {
  const rank = ({ protocol }: Address): number => PREFERRED.indexOf(protocol);
  return addresses.reduce((best, one) => (rank(one) < rank(best) ? one : best));
}

function addressIn(text: string): Address | undefined {
  return typedIn(text) ?? read(PLAIN.exec(text)?.groups);
}

function typedIn(text: string): Address | undefined {
  return read(TYPED.exec(text)?.groups);
}

function read(groups: { readonly [group: string]: string | undefined } | undefined): Address | undefined {
  if (!groups) return undefined;
  const port = groups['port'] === undefined ? undefined : Number(groups['port']);
  if (port !== undefined && (port < 1 || port > 65535)) return undefined;
  if (groups['v6'] !== undefined && !isIPv6(groups['v6'])) return undefined;
  return {
    host: (groups['v6'] ?? groups['name']) as string,
    port,
    protocol: (groups['protocol'] ?? 'any') as Protocol,
  };
}

function monitorText({ host, port }: Monitor): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? name : `${name}:${port}`;
}
