import * as z from '../schema';
import type { CephSecretRemoval, CephSecretSpec } from '../../model';
import * as shape from '../shape';
import type { KindSteps } from '../step';
import { definition } from './definition';
import { release, removal as removed } from './remove';
import { value } from './value';
import { type LeavingSecretWorld, observeLeaving, observeSecret, type SecretWorld } from './world';

const entity = z
  .string()
  .regex(/^client\.[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}$/, "is not an entity such as 'client.libvirt'");

const spec = shape.objectSpec.extend({
  cluster: shape.cluster,
  host: shape.host,
  usage: shape.secretUsage,
  uuid: shape.uuid,
  entity,
  private: z.boolean(),
  keyGeneration: z.number().optional(),
  adopt: z.boolean().optional(),
});
const removal = shape.removal.extend({
  host: shape.host,
  usage: shape.secretUsage,
  uuid: shape.uuid,
  removalPolicy: z.enum(['retain', 'delete']).optional(),
});

/** A libvirt secret on a host that holds the key of a Ceph client. */
export const cephSecret: KindSteps<CephSecretSpec, CephSecretRemoval, SecretWorld, LeavingSecretWorld> = {
  kind: 'ceph-secret',
  title: (of) => `secret '${of.usage}'`,
  lock: (of) => ({ file: `ceph-secret-${of.usage}`, transport: of.host.transport }),
  parseSpec: shape.parser(spec),
  parseRemoval: shape.parser(removal),
  ensure: { observe: observeSecret, steps: [definition, value] },
  remove: { observe: observeLeaving, steps: [release, removed] },
};
