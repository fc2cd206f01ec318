import * as z from '../schema';
import type { CephClientRemoval, CephClientSpec } from '../../model';
import { monitorsStep } from '../ceph-monitors';
import * as schemas from '../schemas';
import type { KindSteps } from '../step';
import { capabilities } from './capabilities';
import { create } from './create';
import { completion, ownership } from './ownership';
import { deletion, markRemoval, release } from './remove';
import { rotation } from './rotation';
import { type ClientWorld, observe, observeWanted, titleOf, type WantedClientWorld } from './lookup';

const identity = { cluster: schemas.cluster, id: schemas.cephName };
const cap = z.string().regex(/^[^\r\n\0]*$/, 'is not a capability');

const spec: z.Schema<CephClientSpec> = schemas.objectSpec.extend<schemas.ShapeOf<CephClientSpec>>({
  ...identity,
  caps: z.strictObject({ mon: cap.optional(), osd: cap.optional(), mgr: cap.optional() }),
  keyGeneration: z.number().int().min(1).optional(),
  adopt: z.boolean().optional(),
});

const removal: z.Schema<CephClientRemoval> = schemas.removal.extend<schemas.ShapeOf<CephClientRemoval>>({
  ...identity,
  removalPolicy: z.enum(['retain', 'delete']),
});

/** A cephx user. Ceph makes its key, which this script never sees. */
export const cephClient: KindSteps<CephClientSpec, CephClientRemoval, WantedClientWorld, ClientWorld> = {
  kind: 'ceph-client',
  title: titleOf,
  lock: (of) => ({ file: `ceph-client-${of.id}`, transport: of.cluster.transport }),
  parseSpec: schemas.parser(spec),
  parseRemoval: schemas.parser(removal),
  ensure: {
    observe: observeWanted,
    steps: [monitorsStep(titleOf), ownership, create, capabilities, rotation, completion],
  },
  remove: { observe, steps: [release, deletion, markRemoval] },
};
