import type { Image } from '../../ceph';
import type { DiskAttachmentSpec, DiskRemoval } from '../../model';
import { type FoundDomain, observeAllFound, observeFound, observeImage } from '../domain/lookup';
import type { DomainPlace } from '../look-at-many';
import type { Tools } from '../tools';

/** The VM of an attachment, and the image to attach. */
export interface AttachmentWorld extends FoundDomain {
  /** Undefined: it is missing. */
  readonly image: Image | undefined;
}

export function observeAttachment(spec: DiskAttachmentSpec, tools: Tools): Promise<AttachmentWorld> {
  return withImage(spec, observeFound(placeOf(spec), tools), tools);
}

/** Looks at their VMs in a few calls of virsh. */
export function observeAttachments(
  specs: readonly DiskAttachmentSpec[],
  tools: Tools,
): (spec: DiskAttachmentSpec) => Promise<AttachmentWorld> {
  const find = observeAllFound(specs.map(placeOf), tools);
  return (spec) => withImage(spec, find(placeOf(spec)), tools);
}

async function withImage(
  { disk, cluster }: DiskAttachmentSpec,
  domain: Promise<FoundDomain>,
  tools: Tools,
): Promise<AttachmentWorld> {
  const [world, image] = await Promise.all([domain, observeImage(disk.image, tools.ceph(cluster))]);
  return { ...world, image };
}

export function observeDetachment(removal: DiskRemoval, tools: Tools): Promise<FoundDomain> {
  return observeFound(placeOf(removal), tools);
}

function placeOf({ host, domain }: DiskAttachmentSpec | DiskRemoval): DomainPlace {
  return { host, name: domain };
}
