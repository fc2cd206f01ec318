import { isIPv6 } from 'node:net';
import type { DiskAttachmentSpec, DiskRemoval } from '../../model';
import { element, renderXml } from '../../render/xml';
import { virshLine } from '../runbook-lines';
import { virsh } from '../commands';
import { monitorsOf } from '../domain/disk-cluster';
import { isActive, type ObservedDomain } from '../domain/observed-domain';
import { comparableOf } from '../domain/compared-fields';
import { aliasOf } from '../domain/device-fields';
import type { FoundDomain } from '../domain/lookup';
import { markFor, mayRemove, ownershipOf } from '../ownership/mark';
import { takenBack } from '../ownership/refusal';
import { differs, OK, type Step } from '../step';
import type { AttachmentWorld } from './lookup';
import {
  attachmentAlias,
  type Place,
  type AttachmentMark,
  attachmentMark,
  markId,
  namespaceOf,
} from './attachment-mark';

/**
 * Writes the disk's entry into the VM before the disk itself is attached: an existing disk with an older mark then
 * belongs to another entry.
 */
export const marked: Step<DiskAttachmentSpec, AttachmentWorld> = {
  name: 'mark it in the VM',
  describe: (spec) => [virshLine(spec.host, ...setting(spec, JSON.stringify(wantedMark(spec))), '--config')],
  judge(spec, { found }) {
    if (found === undefined) return differs('the VM does not exist');
    const mark = attachmentMark(found, spec);
    const ownership = ownershipOf(mark, spec, spec.entryId, markId(spec));
    if (ownership === 'unmarked') return differs('the VM carries no mark for it');
    const title = `disk ${spec.target} of VM '${spec.domain}'`;
    if (ownership !== 'ours')
      return differs('its mark names another entry of this stack', ...takenBack(title, { mark, ownership }));
    return saysAll(spec, mark) ? OK : differs('its mark does not record the image and the monitors of the disk');
  },
  async act(spec, { found }, tools) {
    if (found === undefined) return;
    const text = JSON.stringify(wantedMark(spec, found));
    await tools.run(virsh(spec.host, ...setting(spec, text), ...where(found)));
  },
};

/** Removes our mark once the disk is gone. */
export const unmarked: Step<DiskRemoval, FoundDomain> = {
  name: 'remove its mark',
  describe: (removal) => [virshLine(removal.host, ...removing(removal), '--config')],
  judge(removal, { found }) {
    const ours = found && mayRemove(attachmentMark(found, removal), removal, markId(removal));
    return ours ? differs('the disk is no longer attached') : OK;
  },
  async act(removal, { found }, tools) {
    if (found) await tools.run(virsh(removal.host, ...removing(removal), ...where(found)));
  },
};

/** Also names what the disk was given before, until it is replaced, because a run may end in between. */
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
