import * as z from '../schema';
import { type StoragePoolRemoval, type StoragePoolSpec } from '../../model';
import * as shape from '../shape';
import type { KindSteps } from '../step';
import { clearForProvider } from './clear-for-provider';
import { definition } from './definition';
import { observePool, type PoolWorld } from './lookup';
import { removal as removed } from './remove';
import { autostart, running } from './running';

const pool = {
  host: shape.host,
  name: shape.libvirtName,
  uuid: shape.uuid,
  cephPool: shape.cephName,
  monitors: shape.monitors,
  clientId: shape.cephName,
  secretUsage: shape.secretUsage,
  secretUuid: shape.uuid.optional(),
};
const spec = shape.objectSpec.extend({ ...pool, autostart: z.boolean(), driver: z.enum(['provider', 'virsh']) });
const removal = shape.removal.extend(pool);

/** libvirt's view of a Ceph pool on a host. */
export const storagePool: KindSteps<StoragePoolSpec, StoragePoolRemoval, PoolWorld, PoolWorld> = {
  kind: 'storage-pool',
  title: ({ name }) => `storage pool '${name}'`,
  lock: ({ host, name }) => ({ file: `storage-pool-${name}`, transport: host.transport }),
  parseSpec: shape.parser(spec),
  parseRemoval: shape.parser(removal),
  ensure: {
    observe: observePool,
    steps: { provider: [clearForProvider], virsh: [definition, autostart, running] },
  },
  remove: { observe: observePool, steps: [removed] },
};
