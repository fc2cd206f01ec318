import { type Caps, type Ceph, EACCES, EPERM, type Image, isCephError, isPoolMissing } from '../../ceph';
import { type DomainSpec, parseImageSpec } from '../../model';
import type { Tools } from '../tools';
import { type DomainPlace, lookAtMany } from '../look-at-many';
import { isWhole, looksAt, namedDomain, observeDomain, type ObservedDomain, parseLooks } from './observed-domain';

/** A VM as its host shows it. */
export interface FoundDomain {
  readonly found: ObservedDomain | undefined;
}

/** One look at a VM and at everything that it needs of its cluster. */
export interface DomainWorld extends FoundDomain {
  /** By "pool/image"; undefined: the image is missing. */
  readonly images: ReadonlyMap<string, Image | undefined>;
  /** The capabilities of its client; undefined: unknown. */
  readonly caps: Caps | undefined;
}

export async function observeFound({ host, name }: DomainPlace, tools: Tools): Promise<FoundDomain> {
  return { found: await observeDomain(tools, host, name) };
}

/**
 * Looks at the VMs of a host in a few calls of virsh; a VM that these do not show completely is looked at by itself.
 */
export function observeAllFound(
  places: readonly DomainPlace[],
  tools: Tools,
): (place: DomainPlace) => Promise<FoundDomain> {
  const shown = lookAtMany(places, looksAt, tools);
  return async (place) => {
    const text = await shown(place);
    return isWhole(text) ? { found: namedDomain(parseLooks(text), place.name) } : observeFound(place, tools);
  };
}

/** Also undefined if its pool does not exist. */
export async function observeImage(image: string, ceph: Ceph): Promise<Image | undefined> {
  try {
    return await ceph.image(parseImageSpec(image));
  } catch (error) {
    if (isPoolMissing(error)) return undefined;
    throw error;
  }
}

export function observeWorld(spec: DomainSpec, tools: Tools): Promise<DomainWorld> {
  return lookAround(spec, observeFound(spec, tools), tools);
}

/** Looks at the VMs of a host in a few calls of virsh. */
export function observeWorlds(specs: readonly DomainSpec[], tools: Tools): (spec: DomainSpec) => Promise<DomainWorld> {
  const find = observeAllFound(specs, tools);
  return (spec) => lookAround(spec, find(spec), tools);
}

/**
 * After a change of the VM alone: its images and its client are as they were. Nothing is started by this: each start
 * looks at the images itself.
 */
export async function lookAtVmAgain(spec: DomainSpec, world: DomainWorld, tools: Tools): Promise<DomainWorld> {
  return { ...world, ...(await observeFound(spec, tools)) };
}

async function lookAround(spec: DomainSpec, domain: Promise<FoundDomain>, tools: Tools): Promise<DomainWorld> {
  const ceph = tools.ceph(spec.cluster);
  const names = [...new Set(Object.values(spec.disks).map(({ image }) => image))];
  const [{ found }, caps, ...images] = await Promise.all([
    domain,
    ceph.clientCaps({ entity: `client.${spec.clientId}` }).catch((error: unknown) => {
      // Whoever may create images is not necessarily allowed to read clients.
      if (isCephError(error, EACCES, EPERM)) return undefined;
      throw error;
    }),
    ...names.map((image) => observeImage(image, ceph)),
  ]);
  return { found, caps, images: new Map(names.map((name, index) => [name, images[index]])) };
}
