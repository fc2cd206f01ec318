import type { DiskSpec, DomainSpec } from '../../model';
import { addFragments } from '../../render/domain/fragments';
import { renderXml, type XmlElement } from '../../render/xml';
import { virsh } from '../commands';
import { refuseAttachingOpenImage, waitUntilImagesFree, writtenImages } from '../wait-for-free-images';
import { differs, OK, type Step } from '../step';
import { Refusal, ToolError, type Tools } from '../tools';
import { refuseAltered } from './refuse-altered-disks';
import { updateDefinition } from './update-definition';
import { definitionByHand } from './runbook-lines';
import { refuseUnsupported } from './capabilities';
import { refuseOtherFirmware } from './update-firmware';
import { unwantedFragments } from './domain-mark';
import { isActive, observeDomain, type ObservedDomain } from './observed-domain';
import { imageOf, writtenDisks } from './written-disks';
import { refuseForeign } from './ownership';
import { comparableOf } from './compared-fields';
import { type DomainWorld, lookAtVmAgain } from './lookup';
import { wantedXml, definitionDiffers } from './compare-with-spec';
import { updateLiveMetadata } from './update-live-metadata';

/** VIRSH: libvirt has the definition that the spec asks for; it takes effect at the next boot. */
export const definition: Step<DomainSpec, DomainWorld> = {
  name: 'define it',
  describe: (spec) => definitionByHand(spec, renderXml(addFragments(wantedXml(spec), spec.xml))),

  judge(spec, { found }) {
    if (found === undefined) return differs('it is not defined');
    const text = definitionDiffers(spec, found);
    return text === '' ? OK : differs(text);
  },

  async act(spec, before, tools) {
    const wanted = wantedXml(spec);
    if (before.found) refuseTakenTargets(spec, wanted, before.found);
    if (before.found) refuseOtherFirmware(spec, before.found);
    await refuseUnsupported(spec, tools);
    await refuseHeldImages(spec, before.found, tools);
    const found = await lookBeforeDefining(spec, tools);
    const unwanted = unwantedFragments(spec, found?.mark);
    const amended = found ? updateDefinition(found.definition, wanted, unwanted) : structuredClone(wanted);
    await define(spec, addFragments(amended, spec.xml), tools);
    if (found && isActive(found)) await updateLiveMetadata(spec, wanted, found, tools);
    return lookAtVmAgain(spec, before, tools);
  },
};

/** The second look: `virsh define` overwrites whatever exists, and the wait for the images may have taken minutes. */
async function lookBeforeDefining(spec: DomainSpec, tools: Tools): Promise<ObservedDomain | undefined> {
  const found = await observeDomain(tools, spec.host, spec.name);
  if (found) {
    refuseForeign(spec, found);
    refuseAltered(spec, found);
  }
  return found;
}

/** Lets libvirt validate added XML against its schema: otherwise it drops what it does not know. */
async function define(spec: DomainSpec, xml: XmlElement, tools: Tools): Promise<void> {
  const added = spec.xml?.length ? ['--validate'] : [];
  const command = virsh(spec.host, 'define', '/dev/stdin', ...added);
  const outcome = await tools.attempt(command, { input: renderXml(xml) });
  if (outcome.exitCode === 0) return;
  const said = outcome.stderr.trim().split('\n').slice(1).join(' | ');
  if (!outcome.stderr.includes('against schema')) throw new ToolError(command, outcome);
  throw new Refusal(
    `VM '${spec.name}': libvirt's schema rejects the XML of 'addXml' (${said})`,
    `correct ${(spec.xml ?? []).map(({ fragment }) => `'${fragment}'`).join(', ')} or its parent; https://libvirt.org/formatdomain.html says what is allowed where`,
    'xml-refused',
  );
}

/** Refuses to replace a disk that others attached at a target that the spec needs. */
function refuseTakenTargets(spec: DomainSpec, wanted: XmlElement, { definition }: ObservedDomain): void {
  const found = comparableOf(definition).disks;
  for (const [target, disk] of comparableOf(wanted).disks) {
    const other = found.get(target);
    if (other === undefined || other.ours || other.fields['image'] === disk.fields['image']) continue;
    throw new Refusal(
      `VM '${spec.name}' has a disk ${target} that this stack did not attach (${other.fields['image'] ?? 'no image'})`,
      `choose another 'target', or detach it with 'virsh detach-disk ${spec.name} ${target} --config'`,
      'disk-target-taken',
    );
  }
}

/**
 * Whoever starts the VM next opens what is defined; that may be libvirt itself, when the host boots. So nobody else may
 * have open an image that the VM is about to get.
 */
async function refuseHeldImages(spec: DomainSpec, found: ObservedDomain | undefined, tools: Tools): Promise<void> {
  // The start of a new VM waits for its images, and its autostart is set after that.
  if (found === undefined && spec.running) return;
  const has = [found?.definition, found?.live].flatMap((xml) => (xml ? writtenDisks(xml).map(imageOf) : []));
  const isNew = ([, { image }]: [string, DiskSpec]): boolean => !has.includes(image);
  const disks = Object.fromEntries(Object.entries(spec.disks).filter(isNew));
  if (found && isActive(found)) {
    for (const disk of Object.values(disks)) await refuseAttachingOpenImage(spec.cluster, disk, tools);
  } else if (spec.running || spec.autostart) {
    await waitUntilImagesFree(spec, writtenImages(disks), tools);
  }
}
