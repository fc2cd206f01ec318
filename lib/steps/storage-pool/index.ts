import * as z from '../schema';
import { type StoragePoolRemoval, type StoragePoolSpec } from '../../model';
import * as schemas from '../schemas';
import type { KindSteps } from '../step';
import { clearForProvider } from './clear-for-provider';
import { definition } from './definition';
import { observePool, type PoolWorld } from './lookup';
import { remove } from './remove';
import { autostart, running } from './running';

const pool = {
  host: schemas.host,
  name: schemas.libvirtName,
  uuid: schemas.uuid,
  cephPool: schemas.cephName,
  monitors: schemas.monitors,
  clientId: schemas.cephName,
  secretUsage: schemas.secretUsage,
  secretUuid: schemas.uuid.optional(),
};
const spec = schemas.objectSpec.extend<schemas.ShapeOf<StoragePoolSpec>>({
  ...pool,
  autostart: z.boolean(),
  driver: z.enum(['provider', 'virsh']),
});
const removal = schemas.removal.extend<schemas.ShapeOf<StoragePoolRemoval>>(pool);

/** libvirt's view of a Ceph pool on a host. */
export const storagePool: KindSteps<StoragePoolSpec, StoragePoolRemoval, PoolWorld, PoolWorld> = {
  kind: 'storage-pool',
  title: ({ name }) => `storage pool '${name}'`,
  lock: ({ host, name }) => ({ file: `storage-pool-${name}`, transport: host.transport }),
  parseSpec: schemas.parser(spec),
  parseRemoval: schemas.parser(removal),
  ensure: {
    observe: observePool,
    steps: { provider: [clearForProvider], virsh: [definition, autostart, running] },
  },
  remove: { observe: observePool, steps: [remove] },
};
