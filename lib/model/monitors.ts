/** One monitor, apart: `port` is absent where Ceph's own applies. IPv6 addresses are without brackets. */
export interface Monitor {
  readonly host: string;
  readonly port?: number;
}

const FORM =
  /^(?:\[(?<v6>[0-9A-Fa-f:.]+)\]|(?<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?))(?::(?<port>\d{1,5}))?$/;

/** 'host', 'host:port', '[v6]' or '[v6]:port'; undefined when it is none of these. */
export function parseMonitor(text: string): Monitor | undefined {
  const groups = FORM.exec(text)?.groups;
  if (!groups) return undefined;
  const port = groups['port'] === undefined ? undefined : Number(groups['port']);
  if (port !== undefined && (port < 1 || port > 65535)) return undefined;
  return { host: (groups['v6'] ?? groups['name']) as string, port };
}
