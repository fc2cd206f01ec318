import type { DomainSpec } from '../../model';
import { parseXml, type XmlElement } from '../../render/xml';
import { virsh, virshLine } from '../commands';
import { startOnceImagesFree } from '../wait-for-free-images';
import { Refusal, type Tools } from '../tools';
import type { ObservedDomain } from './observed-domain';
import { imageOf, ofCluster, imagesWrittenAlone, targetOf, writtenDisks } from './written-disks';
import { RESUMABLE, type DomainPlace, powerOff, busy } from './power-off';

/** What a start needs to know about a domain. */
export type Startable = DomainPlace & Pick<DomainSpec, 'cluster' | 'monitors' | 'disks'>;

/** Starts or resumes a VM, whatever its state. A start first waits until nobody else has its images open. */
export async function powerOn(place: Startable, found: ObservedDomain, tools: Tools): Promise<void> {
  const { host, name } = place;
  switch (found.state) {
    case 'paused':
      if (!RESUMABLE.includes(found.reason)) throw busy(place, found);
      await tools.run(virsh(host, 'resume', name));
      return;
    case 'pmsuspended':
      await tools.run(virsh(host, 'dompmwakeup', name));
      return;
    case 'crashed':
    case 'in shutdown':
      await powerOff(place, tools);
  }
  const saved = found.managedSave ? await savedDefinition(place, found, tools) : undefined;
  if (saved)
    tools.say(`VM '${name}': resuming from its saved memory (managed save), with the hardware that it had then`);
  const images = await imagesWrittenAlone(place, saved ?? found.definition, tools);
  const start = virsh(host, 'start', name);
  // libvirt would continue if virsh were killed, while the locks of the images would be gone.
  await startOnceImagesFree(place, images, tools, async () => void (await tools.run(start, { toItsEnd: true })));
}

/** The definition in a managed save; refused if it would open an image that is no longer the VM's disk. */
async function savedDefinition(place: Startable, { definition }: ObservedDomain, tools: Tools): Promise<XmlElement> {
  const { host, name } = place;
  const saved = parseXml(await tools.run(virsh(host, 'managedsave-dumpxml', name)));
  const now = writtenDisks(definition);
  for (const disk of await ofCluster(place, writtenDisks(saved), tools)) {
    const target = targetOf(disk);
    if (now.some((other) => targetOf(other) === target && imageOf(other) === imageOf(disk))) continue;
    throw new Refusal(
      `VM '${name}' cannot resume from its saved memory (managed save): that has image '${imageOf(disk)}' at ${target}, which is no longer its disk`,
      `discard that memory, as a power cut would ('${virshLine(host, 'managedsave-remove', name)}'), then apply again`,
      'saved-memory',
    );
  }
  return saved;
}
