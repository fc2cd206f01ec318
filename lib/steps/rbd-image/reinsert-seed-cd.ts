import type { ImageUserSpec, RbdImageSpec } from '../../model';
import { attributeAt, find, findAll, removeChild, renderXml, type XmlElement } from '../../render/xml';
import { virsh } from '../commands';
import { observeDomain } from '../domain/observed-domain';
import type { Tools } from '../tools';
import { imageSpecOf } from './rbd-command';

/**
 * Ejects a seed's CD from each running VM and inserts it again: its QEMU keeps what it has read, so a guest that only
 * reboots would read a mix of old and new content. libvirt (9.0) ignores an insert of the same medium, so this takes
 * two changes. They are forced, because a guest that has the CD mounted must not block them.
 */
export async function reinsertSeedCd(spec: RbdImageSpec, tools: Tools): Promise<void> {
  for (const user of spec.users ?? []) {
    const { host, domain } = user;
    const found = await observeDomain(tools, host, domain);
    const shown = found?.live && cdOf(found.live, user);
    const wanted = found && cdOf(found.definition, user);
    if (!shown || !wanted || attributeAt(wanted, 'source', 'name') !== imageSpecOf(spec)) continue;
    const change = (disk: XmlElement): Promise<string> =>
      tools.run(virsh(host, 'update-device', domain, '/dev/stdin', '--live', '--force'), { input: renderXml(disk) });
    if (find(shown, 'source')) await change(withoutSource(shown));
    await change(wanted);
    tools.say(`VM '${domain}' reads it at its next boot`);
  }
}

function cdOf(domain: XmlElement, { target }: ImageUserSpec): XmlElement | undefined {
  const disks = findAll(domain, 'devices/disk');
  return disks.find((disk) => attributeAt(disk, 'target', 'dev') === target && disk.attributes['device'] === 'cdrom');
}

function withoutSource(disk: XmlElement): XmlElement {
  const empty = structuredClone(disk);
  for (const name of ['source', 'auth']) {
    const found = find(empty, name);
    if (found) removeChild(empty, found);
  }
  return empty;
}
