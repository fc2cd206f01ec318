import { hostname } from 'node:os';
import type { TransportSpec } from '../model';

/** "on root@mon1", for messages. */
export function locationOf(transport: TransportSpec): string {
  switch (transport.type) {
    case 'local':
      return `on this machine (${hostname()})`;
    case 'command':
      return `by '${transport.prefix.join(' ')}'`;
    case 'ssh':
      return `on ${transport.destination}`;
  }
}
