import { parseMonitor, type StoragePoolDefinition } from '../model';
import type { PoolArguments } from '../provider-libvirt';

/** The storage pool as attributes of `libvirt_pool`. An rbd pool is a view: it is never built, and its destroy deletes nothing. */
export function providerPool(definition: StoragePoolDefinition, autostart: boolean): PoolArguments {
  const { name, cephPool, monitors, clientId, secretUsage, secretUuid } = definition;
  const secret = secretUuid === undefined ? { usage: secretUsage } : { uuid: secretUuid };
  return {
    name,
    type: 'rbd',
    create: { build: false, start: true, autostart },
    destroy: { delete: false },
    source: {
      name: cephPool,
      host: monitors.map(providerHost),
      auth: { type: 'ceph', username: clientId, secret },
    },
  };
}

/** A monitor as the provider takes it: the port is text. A token is left to Terraform. */
export function providerHost(monitor: string): { name: string; port?: string } {
  const { host, port } = parseMonitor(monitor) ?? { host: monitor };
  return port === undefined ? { name: host } : { name: host, port: String(port) };
}
