import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { DiskAttachmentSpec, DiskRemoval, OwnerSpec } from '../../model';
import { ALIAS_PREFIX, MARK_NAMESPACE } from '../../render/domain/defaults';
import { element, elementsOf, find, renderXml } from '../../render/xml';
import { typed, virsh } from '../commands';
import { monitorsOf } from '../domain/disk-cluster';
import { isActive, type ObservedDomain } from '../domain/observed-domain';
import { comparableOf } from '../domain/comparable';
import { aliasOf } from '../domain/device-fields';
import type { FoundDomain } from '../domain/lookup';
import { markFor, mayRemove, parseMark, type Mark, ownershipOf } from '../ownership/mark';
import { takenBack } from '../ownership/refusal';
import { differs, OK, type Step } from '../step';
import type { AttachmentWorld } from './lookup';

/**
 * The name of a disk on a VM that is not ours: it says whose disk it is, so that no other stack takes it off. It can't hold
 * the entry id: a disk that runs keeps its alias, and the entry id of a lost state is replaced.
 */
export function attachmentAlias(owner: OwnerSpec, target: string): string {
  const whose = JSON.stringify([owner.project, owner.stack, owner.workspace]);
  return `${ALIAS_PREFIX}${createHash('sha256').update(whose).digest('hex').slice(0, 8)}-${target}`;
}

type Place = Pick<DiskAttachmentSpec | DiskRemoval, 'domain' | 'target'>;

/** The mark of an attachment: also by what a disk that somebody changed is known. */
export interface AttachmentMark extends Mark {
  /** "pool/image": what the disk was given, and is given now. */
  readonly images?: readonly string[];
  readonly monitors?: readonly string[];
}

/** The mark beside the disk, in the VM's metadata; undefined too for attachments of releases before it. */
export function attachmentMark({ definition }: ObservedDomain, { target }: Place): AttachmentMark | undefined {
  const metadata = find(definition, 'metadata');
  const all = metadata === undefined ? [] : elementsOf(metadata);
  // Whatever prefix libvirt or a tool has given it.
  const found = all.find(({ attributes }) => Object.values(attributes).includes(namespaceOf(target)));
  return parseMark(found?.children.filter((child) => typeof child === 'string').join(''));
}

/** True for the entry whose id is in the mark; where there is no mark, for every entry of the disk's owner that names its image. */
export function mayDetach(mark: Mark | undefined, removal: DiskRemoval, namesImage: boolean): boolean {
  const id = markId(removal);
  if (ownershipOf(mark, removal, removal.entryId, id) === 'unmarked') return namesImage;
  return mayRemove(mark, removal, id);
}

/** The VM says which entry holds the disk. Before the disk is there, so that one with an old mark is none of its entry. */
export const marked: Step<DiskAttachmentSpec, AttachmentWorld> = {
  name: 'mark it in the VM',
  describe: (spec) => [typed('virsh', ...setting(spec, JSON.stringify(wantedMark(spec))), '--live', '--config')],
  judge(spec, { found }) {
    if (found === undefined) return differs('the VM is not there');
    const mark = attachmentMark(found, spec);
    const ownership = ownershipOf(mark, spec, spec.entryId, markId(spec));
    if (ownership === 'unmarked') return differs('the VM has no mark of it');
    const title = `disk ${spec.target} of VM '${spec.domain}'`;
    if (ownership !== 'ours')
      return differs('its mark is that of another entry', ...takenBack(title, { mark, ownership }));
    return saysAll(spec, mark) ? OK : differs('its mark does not say what the disk is');
  },
  async act(spec, { found }, tools) {
    if (found === undefined) return;
    const text = JSON.stringify(wantedMark(spec, found));
    await tools.run(virsh(spec.host, ...setting(spec, text), ...where(found)));
  },
};

/** A mark of ours goes once the disk is gone. */
export const unmarked: Step<DiskRemoval, FoundDomain> = {
  name: 'remove its mark',
  describe: ({ domain, target }) => [typed('virsh', ...removing({ domain, target }), '--live', '--config')],
  judge(removal, { found }) {
    const ours = found && mayRemove(attachmentMark(found, removal), removal, markId(removal));
    return ours ? differs('the disk is gone') : OK;
  },
  async act(removal, { found }, tools) {
    if (found) await tools.run(virsh(removal.host, ...removing(removal), ...where(found)));
  },
};

/** With what the disk is until it is replaced: a run may end in between. */
function wantedMark(spec: DiskAttachmentSpec, found?: ObservedDomain): AttachmentMark {
  const [images, monitors] = [new Set<string>(), new Set<string>()];
  for (const domain of [found?.definition, found?.live]) {
    const disk = domain && comparableOf(domain).disks.get(spec.target);
    if (disk === undefined || aliasOf(disk.element) !== attachmentAlias(spec.owner, spec.target)) continue;
    if (disk.fields['image'] !== undefined) images.add(disk.fields['image']);
    monitorsOf(disk.element).forEach(({ host }) => monitors.add(isIPv6(host) ? `[${host}]` : host));
  }
  spec.monitors.forEach((one) => monitors.add(one));
  return { ...markFor(spec, markId(spec)), images: [...images.add(spec.disk.image)], monitors: [...monitors] };
}

function saysAll(spec: DiskAttachmentSpec, mark: AttachmentMark | undefined): boolean {
  const { images = [], monitors = [] } = mark ?? {};
  return images.includes(spec.disk.image) && spec.monitors.every((one) => monitors.includes(one));
}

/** A copy of a VM inherits the mark; it names the first one. */
export function markId({ domain, target }: Place): string {
  return `${domain}/${target}`;
}

/** One for each disk: libvirt keeps one text for each namespace. */
function namespaceOf(target: string): string {
  return `${MARK_NAMESPACE}:${target}`;
}

function setting({ domain, target }: Place, text: string): string[] {
  const xml = renderXml(element('mark', {}, text)).trimEnd();
  return ['metadata', domain, '--uri', namespaceOf(target), '--key', `mark-${target}`, '--set', xml];
}

function removing({ domain, target }: Place): string[] {
  return ['metadata', domain, '--uri', namespaceOf(target), '--remove'];
}

function where(found: ObservedDomain): string[] {
  return [...(isActive(found) ? ['--live'] : []), ...(found.persistent ? ['--config'] : [])];
}
