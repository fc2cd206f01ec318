import * as z from '../schema';
import { type RbdImageRemoval, type RbdImageSpec, SNAPSHOT_SPEC } from '../../model';
import * as schemas from '../schemas';
import type { KindSteps } from '../step';
import { completeRename } from './interrupted-rename';
import { observeImage, observeImages, observeRemoval } from './lookup';
import { creationRecord } from './creation-record';
import { clearLeftovers } from './clear-leftovers';
import { presence } from './presence';
import { size } from './size';
import { imageSpecOf } from './rbd-command';
import { managedElsewhere } from './managed-elsewhere';
import { ownership } from './ownership';
import { leftovers, remove } from './remove';
import { writeSeedContent, checkIsSeed } from './seed-steps';
import { resizeInVms } from './resize-in-vms';
import { type ImageWorld, type RemovalWorld } from './observed-image';

/** Formats of qemu-img that are files; with others it would open something that is not a file. */
const format = z.enum(['raw', 'qcow2', 'qcow', 'vmdk', 'vhdx', 'vpc', 'vdi', 'qed']);
const snapshotSpec = z.string().regex(SNAPSHOT_SPEC, 'is not "pool/image@snapshot"');

const address = z.url({
  protocol: /^https?$/,
  // The value may contain a password.
  error: 'is not an http or https URL; use ImageSource.file for a file',
});

const source = z
  .object({
    blank: z.literal(true).optional(),
    file: z.string().min(1).optional(),
    url: address.optional(),
    checksumUrl: address.optional(),
    clone: schemas.imageSpec.optional(),
    snapshot: snapshotSpec.optional(),
    seed: z
      .object({ files: z.record(z.string(), z.string()), variables: z.number().int().positive().optional() })
      .optional(),
    format: format.optional(),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/i, 'is not a hexadecimal SHA-256')
      .optional(),
    sha512: z
      .string()
      .regex(/^[0-9a-f]{128}$/i, 'is not a hexadecimal SHA-512')
      .optional(),
    flatten: z.boolean().optional(),
  })
  .refine(
    ({ blank, file, url, clone, snapshot, seed }) =>
      [blank, file, url, clone, snapshot, seed].filter((one) => one !== undefined).length === 1,
    'must be exactly one of blank, file, url, clone, snapshot, seed',
  );

const identity = { cluster: schemas.cluster, pool: schemas.cephName, name: schemas.cephName };

const spec: z.Schema<RbdImageSpec> = schemas.objectSpec.extend<schemas.ShapeOf<RbdImageSpec>>({
  ...identity,
  source,
  fetch: z.object({ url: address.optional(), checksumUrl: address.optional() }).optional(),
  fetchHeaders: z.record(z.string().min(1), z.string().regex(/^[\t\x20-\x7e]*$/, 'is not printable ASCII')).optional(),
  size: schemas.size.optional(),
  dataPool: schemas.cephName.optional(),
  objectSize: schemas.size.optional(),
  features: z.array(z.string().regex(/^[a-z-]+$/, 'is not an RBD feature')).optional(),
  adopt: z.boolean().optional(),
  users: z.array(z.object({ host: schemas.host, domain: schemas.libvirtName, target: z.string().min(1) })).optional(),
  seedFile: z.string().min(1).optional(),
  seedValues: z.array(z.unknown()).optional(),
});

const removalSpec: z.Schema<RbdImageRemoval> = schemas.removal.extend<schemas.ShapeOf<RbdImageRemoval>>({
  ...identity,
  removalPolicy: z.enum(['retain', 'trash', 'delete']),
  trashExpiry: schemas.duration.optional(),
});

/** Images: created under a temporary name, grown online, never shrunk, removed according to their policy. */
export const rbdImage: KindSteps<RbdImageSpec, RbdImageRemoval, ImageWorld, RemovalWorld> = {
  kind: 'rbd-image',
  title: (image) => `image '${imageSpecOf(image)}'`,
  lock: ({ cluster, pool, name }) => ({ cluster, pool, image: name }),
  parseSpec: schemas.parser(spec),
  parseRemoval: schemas.parser(removalSpec),
  ensure: {
    observe: observeImage,
    observeTogether: observeImages,
    steps: [
      completeRename(),
      presence,
      checkIsSeed,
      ownership,
      creationRecord,
      managedElsewhere,
      writeSeedContent,
      size,
      resizeInVms,
      clearLeftovers,
    ],
  },
  remove: { observe: observeRemoval, steps: [completeRename(), remove, leftovers] },
};
