import type { DomainDefinition } from './specs';

/**
 * What a VM's mark records about its disks, to distinguish a disk that was changed by hand from one that the code
 * changes.
 */
export interface GivenDisks {
  /** "pool/image" by target. */
  readonly images: { readonly [target: string]: string };
  readonly monitors: readonly string[];
}

export function givenDisks({ disks, monitors }: Pick<DomainDefinition, 'disks' | 'monitors'>): GivenDisks {
  const images = Object.entries(disks).map(([target, { image }]) => [target, image]);
  return { images: Object.fromEntries(images) as GivenDisks['images'], monitors };
}
