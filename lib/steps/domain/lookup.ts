import { type Caps, type Ceph, EACCES, EPERM, type Image, isCephError, isPoolMissing } from '../../ceph';
import { type DomainSpec, type HostSpec, parseImageSpec } from '../../model';
import type { Tools } from '../tools';
import { observeDomain, type ObservedDomain } from './observed-domain';

/** What a host shows of a VM. */
export interface FoundDomain {
  readonly found: ObservedDomain | undefined;
}

/** One look at a VM and at all that it needs of its cluster. */
export interface DomainWorld extends FoundDomain {
  /** By "pool/image"; undefined: it is missing. */
  readonly images: ReadonlyMap<string, Image | undefined>;
  /** What its client may do; undefined: that is not known. */
  readonly caps: Caps | undefined;
}

export async function observeFound(
  { host, name }: { readonly host: HostSpec; readonly name: string },
  tools: Tools,
): Promise<FoundDomain> {
  return { found: await observeDomain(tools, host, name) };
}

/** Undefined as well if its pool does not exist. */
export async function observeImage(image: string, ceph: Ceph): Promise<Image | undefined> {
  try {
    return await ceph.image(parseImageSpec(image));
  } catch (error) {
    if (isPoolMissing(error)) return undefined;
    throw error;
  }
}

export async function observeWorld(spec: DomainSpec, tools: Tools): Promise<DomainWorld> {
  const ceph = tools.ceph(spec.cluster);
  const names = [...new Set(Object.values(spec.disks).map(({ image }) => image))];
  const [{ found }, caps, ...images] = await Promise.all([
    observeFound(spec, tools),
    ceph.clientCaps({ entity: `client.${spec.clientId}` }).catch((error: unknown) => {
      // Whoever may create images need not be allowed to read clients.
      if (isCephError(error, EACCES, EPERM)) return undefined;
      throw error;
    }),
    ...names.map((image) => observeImage(image, ceph)),
  ]);
  return { found, caps, images: new Map(names.map((name, index) => [name, images[index]])) };
}
