import type { Image } from '../../ceph';
import type { DiskAttachmentSpec, DiskRemoval } from '../../model';
import { type FoundDomain, observeFound, observeImage } from '../domain/lookup';
import type { Tools } from '../tools';

/** The VM of an attachment, and the image that it is to show. */
export interface AttachmentWorld extends FoundDomain {
  /** Undefined: it is missing. */
  readonly image: Image | undefined;
}

export async function observeAttachment(spec: DiskAttachmentSpec, tools: Tools): Promise<AttachmentWorld> {
  const [world, image] = await Promise.all([
    observeFound({ host: spec.host, name: spec.domain }, tools),
    observeImage(spec.disk.image, tools.ceph(spec.cluster)),
  ]);
  return { ...world, image };
}

export function observeDetachment({ host, domain }: DiskRemoval, tools: Tools): Promise<FoundDomain> {
  return observeFound({ host, name: domain }, tools);
}
