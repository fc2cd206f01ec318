import { createHash, randomBytes } from 'node:crypto';
import type { ClusterSpec, OwnerSpec } from '../../model';
import { MARK_KEY } from '../ownership/mark';

/** An image that a run creates, under its lock. */
export interface ImageToMake {
  readonly cluster: ClusterSpec;
  readonly pool: string;
  readonly name: string;
  readonly owner: OwnerSpec;
}

/**
 * An image is created under a name that nobody else uses, and renamed when it is complete: two imports into one image
 * would both succeed, and a killed one would leave half an image under the real name. The name also contains the owner,
 * so that a leftover is known as ours from the start, before it carries a mark.
 */
export function temporaryName(spec: ImageToMake): string {
  return `${temporaryPrefix(spec)}${randomBytes(8).toString('hex')}`;
}

export function isTemporaryOf(spec: ImageToMake, name: string): boolean {
  // Called for every image of a pool: hashing the owner is only worth it for a name that may match.
  if (!name.startsWith(`${spec.name}.`)) return false;
  const prefix = temporaryPrefix(spec);
  return name.startsWith(prefix) && /^[0-9a-f]{16}$/.test(name.slice(prefix.length));
}

function temporaryPrefix({ name, owner }: ImageToMake): string {
  const digest = createHash('sha256').update(JSON.stringify([owner.project, owner.stack, owner.workspace]));
  return `${name}.${MARK_KEY}-${digest.digest('hex').slice(0, 16)}-`;
}
