import type { DomainDefinition } from './specs';

/** What the mark of a VM keeps of its disks: by it a disk that somebody changed is known from one that the code changes. */
export interface GivenDisks {
  /** "pool/image" by target. */
  readonly images: { readonly [target: string]: string };
  readonly monitors: readonly string[];
}

export function givenDisks({ disks, monitors }: Pick<DomainDefinition, 'disks' | 'monitors'>): GivenDisks {
  const images = Object.entries(disks).map(([target, { image }]) => [target, image]);
  return { images: Object.fromEntries(images) as GivenDisks['images'], monitors };
}
