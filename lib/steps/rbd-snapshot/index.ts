import * as z from '../schema';
import type { RbdSnapshotRemoval, RbdSnapshotSpec } from '../../model';
import * as schemas from '../schemas';
import type { KindSteps } from '../step';
import { create } from './create';
import { markRemoval, observeRemoval, remove } from './remove';
import { observeSnapshot, snapshotSpec, type SnapshotWorld } from './lookup';

const identity = { cluster: schemas.cluster, pool: schemas.cephName, image: schemas.cephName, name: schemas.cephName };

const spec: z.Schema<RbdSnapshotSpec> = schemas.objectSpec.extend<schemas.ShapeOf<RbdSnapshotSpec>>(identity);
const removalSpec: z.Schema<RbdSnapshotRemoval> = schemas.removal.extend<schemas.ShapeOf<RbdSnapshotRemoval>>({
  ...identity,
  removalPolicy: z.enum(['retain', 'delete']),
});

/** Snapshots of images. They do not change once they exist. */
export const rbdSnapshot: KindSteps<RbdSnapshotSpec, RbdSnapshotRemoval, SnapshotWorld, SnapshotWorld> = {
  kind: 'rbd-snapshot',
  title: (one) => `snapshot '${snapshotSpec(one)}'`,
  lock: ({ cluster, pool, image }) => ({ cluster, pool, image }),
  parseSpec: schemas.parser(spec),
  parseRemoval: schemas.parser(removalSpec),
  ensure: { observe: observeSnapshot, steps: [create] },
  remove: { observe: observeRemoval, steps: [remove, markRemoval] },
};
