import { createHash } from 'node:crypto';
import type { DiskAttachmentSpec, DiskRemoval, OwnerSpec } from '../../model';
import { ALIAS_PREFIX, MARK_NAMESPACE } from '../../render/domain/defaults';
import { elementsOf, find } from '../../render/xml';
import type { ObservedDomain } from '../domain/observed-domain';
import { mayRemove, parseMark, type Mark, ownershipOf } from '../ownership/mark';

/**
 * The alias of a disk on a VM that is not ours: it says whose disk it is, so that no other stack detaches it. It cannot
 * contain the entry id: a disk in use keeps its alias, but the entry id of a lost state is replaced.
 */
export function attachmentAlias(owner: OwnerSpec, target: string): string {
  const whose = JSON.stringify([owner.project, owner.stack, owner.workspace]);
  return `${ALIAS_PREFIX}${createHash('sha256').update(whose).digest('hex').slice(0, 8)}-${target}`;
}

export type Place = Pick<DiskAttachmentSpec | DiskRemoval, 'domain' | 'target'>;

/** The mark of an attachment, by which a disk that was changed by hand is recognized too. */
export interface AttachmentMark extends Mark {
  /** "pool/image": what the disk was given before, and what it is given now. */
  readonly images?: readonly string[];
  readonly monitors?: readonly string[];
}

/** The disk's mark in the VM's metadata; also undefined for an attachment made by a release without marks. */
export function attachmentMark({ definition }: ObservedDomain, { target }: Place): AttachmentMark | undefined {
  const metadata = find(definition, 'metadata');
  const all = metadata === undefined ? [] : elementsOf(metadata);
  // Whatever prefix libvirt or a tool has given it.
  const found = all.find(({ attributes }) => Object.values(attributes).includes(namespaceOf(target)));
  return parseMark(found?.children.filter((child) => typeof child === 'string').join(''));
}

/**
 * True for the entry whose id is in the mark; without a mark, for every entry of the disk's owner that names its image.
 */
export function mayDetach(mark: Mark | undefined, removal: DiskRemoval, namesImage: boolean): boolean {
  const id = markId(removal);
  if (ownershipOf(mark, removal, removal.entryId, id) === 'unmarked') return namesImage;
  return mayRemove(mark, removal, id);
}

/** What the mark names: a copy of a VM inherits the mark, which then names the original. */
export function markId({ domain, target }: Place): string {
  return `${domain}/${target}`;
}

/** One per disk: libvirt keeps one text per namespace. */
export function namespaceOf(target: string): string {
  return `${MARK_NAMESPACE}:${target}`;
}
