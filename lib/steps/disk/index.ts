import type { DiskAttachmentSpec, DiskRemoval } from '../../model';
import { vmName } from '../domain/domain-schemas';
import { disk as diskShape, target } from '../domain/device-schemas';
import type { FoundDomain } from '../domain/lookup';
import * as schemas from '../schemas';
import type { KindSteps } from '../step';
import { attached } from './attached';
import { checkVm } from './check-vm';
import { marked, unmarked } from './marked';
import { type AttachmentWorld, observeAttachment, observeAttachments, observeDetachment } from './lookup';
import { remove } from './remove';

const place = { host: schemas.host, domain: vmName, target };
const spec = schemas.objectSpec.extend<schemas.ShapeOf<DiskAttachmentSpec>>({
  ...place,
  cluster: schemas.cluster,
  monitors: schemas.monitors,
  clientId: schemas.cephName,
  secretUsage: schemas.secretUsage,
  disk: diskShape,
});
const removal = schemas.removal.extend<schemas.ShapeOf<DiskRemoval>>({ ...place, image: schemas.imageSpec });

/** One RBD disk on a VM. */
export const disk: KindSteps<DiskAttachmentSpec, DiskRemoval, AttachmentWorld, FoundDomain> = {
  kind: 'disk',
  title: ({ domain, target }) => `disk ${target} of VM '${domain}'`,
  // The domain's own: both change its definition.
  lock: ({ host, domain }) => ({ file: `domain-${domain}`, transport: host.transport }),
  parseSpec: schemas.parser(spec),
  parseRemoval: schemas.parser(removal),
  ensure: {
    observe: observeAttachment,
    observeTogether: observeAttachments,
    steps: [checkVm, marked, attached],
  },
  remove: { observe: observeDetachment, steps: [remove, unmarked] },
};
