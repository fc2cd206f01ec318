import { parseMonitor } from '../model';

/** A monitor as the provider expects it: the port is text. */
export interface ProviderMonitor {
  readonly name: string;
  readonly port?: string;
}

export function providerMonitor(text: string): ProviderMonitor {
  const { host, port } = parseMonitor(text) ?? { host: text };
  return port === undefined ? { name: host } : { name: host, port: String(port) };
}
