import * as z from '../schema';
import type { CephPoolRemoval, CephPoolSpec } from '../../model';
import { monitorsStep } from '../ceph-monitors';
import * as schemas from '../schemas';
import type { KindSteps } from '../step';
import { application, create } from './create';
import { completion, ownership } from './ownership';
import { deletion, markRemoval, release } from './remove';
import { settings } from './settings';
import { type LeavingPoolWorld, observe, observeLeaving, titleOf, type WantedPoolWorld } from './lookup';

const identity = { cluster: schemas.cluster, name: schemas.cephName };

const spec: z.Schema<CephPoolSpec> = schemas.objectSpec.extend<schemas.ShapeOf<CephPoolSpec>>({
  ...identity,
  pgNum: z.number().int().min(1).optional(),
  autoscaleMode: z.enum(['on', 'warn', 'off']).optional(),
  bulk: z.boolean().optional(),
  size: z.number().int().min(1).optional(),
  minSize: z.number().int().min(1).optional(),
  crushRule: schemas.cephName.optional(),
  adopt: z.boolean().optional(),
});

const removal: z.Schema<CephPoolRemoval> = schemas.removal.extend<schemas.ShapeOf<CephPoolRemoval>>({
  ...identity,
  removalPolicy: z.enum(['retain', 'delete']),
});

/** A Ceph pool for RBD. */
export const cephPool: KindSteps<CephPoolSpec, CephPoolRemoval, WantedPoolWorld, LeavingPoolWorld> = {
  kind: 'ceph-pool',
  title: titleOf,
  lock: (of) => ({ file: `ceph-pool-${of.name}`, transport: of.cluster.transport }),
  parseSpec: schemas.parser(spec),
  parseRemoval: schemas.parser(removal),
  ensure: { observe, steps: [monitorsStep(titleOf), ownership, create, application, settings, completion] },
  remove: { observe: observeLeaving, steps: [release, deletion, markRemoval] },
};
