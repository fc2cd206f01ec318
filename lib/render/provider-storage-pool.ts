import type { StoragePoolDefinition } from '../model';
import type { PoolArguments } from '../provider-libvirt';
import { type ProviderMonitor, providerMonitor } from './provider-monitor';

/**
 * The storage pool as attributes of `libvirt_pool`. An rbd pool is a view: it is never built, and its destroy deletes
 * nothing.
 */
export function providerPool(
  definition: StoragePoolDefinition,
  autostart: boolean,
  monitorOf: (text: string) => ProviderMonitor = providerMonitor,
): PoolArguments {
  const { name, cephPool, monitors, clientId, secretUsage, secretUuid } = definition;
  const secret = secretUuid === undefined ? { usage: secretUsage } : { uuid: secretUuid };
  return {
    name,
    type: 'rbd',
    create: { build: false, start: true, autostart },
    destroy: { delete: false },
    source: {
      name: cephPool,
      host: monitors.map(monitorOf),
      auth: { type: 'ceph', username: clientId, secret },
    },
  };
}
