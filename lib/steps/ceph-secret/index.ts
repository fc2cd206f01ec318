import * as z from '../schema';
import type { CephSecretRemoval, CephSecretSpec } from '../../model';
import * as schemas from '../schemas';
import type { KindSteps } from '../step';
import { definition } from './definition';
import { titleOf } from './ownership';
import { release, remove } from './remove';
import { value } from './value';
import { type LeavingSecretWorld, observeLeaving, observeSecret, type SecretWorld } from './lookup';

const spec = schemas.objectSpec.extend<schemas.ShapeOf<CephSecretSpec>>({
  cluster: schemas.cluster,
  host: schemas.host,
  usage: schemas.secretUsage,
  uuid: schemas.uuid,
  entity: schemas.entity,
  private: z.boolean(),
  keyGeneration: z.number().optional(),
  adopt: z.boolean().optional(),
});
const removal = schemas.removal.extend<schemas.ShapeOf<CephSecretRemoval>>({
  host: schemas.host,
  usage: schemas.secretUsage,
  uuid: schemas.uuid,
  removalPolicy: z.enum(['retain', 'delete']).optional(),
});

/** A libvirt secret on a host that holds the key of a Ceph client. */
export const cephSecret: KindSteps<CephSecretSpec, CephSecretRemoval, SecretWorld, LeavingSecretWorld> = {
  kind: 'ceph-secret',
  title: titleOf,
  lock: (of) => ({ file: `ceph-secret-${of.usage}`, transport: of.host.transport }),
  parseSpec: schemas.parser(spec),
  parseRemoval: schemas.parser(removal),
  ensure: { observe: observeSecret, steps: [definition, value] },
  remove: { observe: observeLeaving, steps: [release, remove] },
};
