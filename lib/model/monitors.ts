import { isIPv6 } from 'node:net';

/** One monitor, parsed: `port` is absent if Ceph's default applies. IPv6 addresses have no brackets. */
export interface Monitor {
  readonly host: string;
  readonly port?: number;
}

type Protocol = 'v2' | 'any' | 'v1';
interface Address extends Monitor {
  readonly protocol: Protocol;
}

/**
 * A VM gets one address of each monitor, with the newest protocol: libvirt cannot express that two addresses belong to
 * one monitor.
 */
const PREFERRED: readonly Protocol[] = ['v2', 'any', 'v1'];

const HOST = String.raw`(?:\[(?<v6>[0-9A-Fa-f:.]+)\]|(?<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\.?)`;
const PLAIN = new RegExp(String.raw`^${HOST}(?::(?<port>\d{1,5}))?(?:\/\d+)?$`);
const WITH_PROTOCOL = new RegExp(String.raw`^(?<protocol>v1|v2|any):${HOST}:(?<port>\d{1,5})(?:\/\d+)?$`);
/** All addresses of one monitor in brackets, which may contain commas, or the text between separators. */
const WORD = /\[\s*(?:v1|v2|any):.*?\](?=[\s,;]|$)|[^\s,;](?:[^,;]*[^\s,;])?/g;

/**
 * The monitors in a text, each with its addresses: what people write ('host', 'host:port', '[v6]:port') and what Ceph
 * prints ('[v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0]', 'v2:host:3300', 'host:port/nonce'), with or without a DNS name's
 * final dot, one or several. Undefined if any part has another form, or if there is none.
 */
export function parseAddresses(text: string): readonly (readonly Address[])[] | undefined {
  const monitors = (text.match(WORD) ?? []).map(addressesOf);
  return monitors.length > 0 && monitors.every((one) => one !== undefined) ? monitors : undefined;
}

/** The monitors in a text as VMs get them: 'host', 'host:port', '[v6]' or '[v6]:port'. */
export function monitorsIn(text: string): string[] | undefined {
  return parseAddresses(text)?.map((addresses) => monitorText(preferred(addresses)));
}

/** The one monitor in a text; undefined if there is none, or several. */
export function parseMonitor(text: string): Monitor | undefined {
  const [only, ...more] = parseAddresses(text) ?? [];
  if (only === undefined || more.length > 0) return undefined;
  const { host, port } = preferred(only);
  return { host, port };
}

/** The same text for all clusters with the same monitors, in any order. */
export function clusterIdentity({ monitors }: { readonly monitors: readonly string[] }): string {
  return [...monitors].sort().join(',');
}

export function sameCluster(one: Parameters<typeof clusterIdentity>[0], other: typeof one): boolean {
  return clusterIdentity(one) === clusterIdentity(other);
}

function addressesOf(word: string): readonly Address[] | undefined {
  const bracketed = /^\[\s*((?:v1|v2|any):.*)\]$/.exec(word)?.[1];
  if (bracketed === undefined) {
    const address = addressIn(word);
    return address && [address];
  }
  const addresses = bracketed
    .trim()
    .split(/\s*,\s*/)
    .map(withProtocol);
  return addresses.every((one) => one !== undefined) ? addresses : undefined;
}

function preferred(addresses: readonly Address[]): Monitor {
  const rank = ({ protocol }: Address): number => PREFERRED.indexOf(protocol);
  return addresses.reduce((best, one) => (rank(one) < rank(best) ? one : best));
}

function addressIn(text: string): Address | undefined {
  return withProtocol(text) ?? read(PLAIN.exec(text)?.groups);
}

function withProtocol(text: string): Address | undefined {
  return read(WITH_PROTOCOL.exec(text)?.groups);
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
