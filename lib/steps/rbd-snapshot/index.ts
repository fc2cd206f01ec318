import * as z from '../schema';
import type { RbdSnapshotRemoval, RbdSnapshotSpec } from '../../model';
import * as shape from '../shape';
import type { KindSteps } from '../step';
import { observeSnapshot, presence } from './ensure';
import { markRemoval, observeRemoval, removal } from './remove';
import { snapshotSpec, type SnapshotWorld } from './snapshot';

const identity = { cluster: shape.cluster, pool: shape.cephName, image: shape.cephName, name: shape.cephName };

const spec: z.Schema<RbdSnapshotSpec> = shape.objectSpec.extend(identity);
const removalSpec: z.Schema<RbdSnapshotRemoval> = shape.removal.extend({
  ...identity,
  removalPolicy: z.enum(['retain', 'delete']),
});

/** Snapshots of images. They do not change once they are there. */
export const rbdSnapshot: KindSteps<RbdSnapshotSpec, RbdSnapshotRemoval, SnapshotWorld, SnapshotWorld> = {
  kind: 'rbd-snapshot',
  title: (one) => `snapshot '${snapshotSpec(one)}'`,
  lock: ({ cluster, pool, image }) => ({ cluster, pool, image }),
  parseSpec: shape.parser(spec),
  parseRemoval: shape.parser(removalSpec),
  ensure: { observe: observeSnapshot, steps: [presence] },
  remove: { observe: observeRemoval, steps: [removal, markRemoval] },
};
