import type { XmlFragment } from '../../model';
import {
  elementsOf,
  find,
  findAll,
  attributeAt,
  removeChild,
  type XmlElement,
  replaceChildren,
  childOf,
} from '../../render/xml';
import { sameMachine } from './compare-definition';
import { dropAddedXml } from './drop-added-xml';
import { ignitionEntry } from './machine-fields';
import { isMark } from './observed-domain';
import { updateFirmware } from './update-firmware';
import { comparableOf } from './compared-fields';
import { updateDevices } from './update-definition-devices';

const PLAIN = ['description', 'memory', 'currentMemory', 'vcpu', 'iothreads', 'iothreadids', 'clock'];
/** libvirt's own defaults, unless added XML says otherwise. */
const ACTIONS = ['on_poweroff', 'on_reboot', 'on_crash'];

/**
 * Changes in an existing definition what the spec decides. Everything else stays: PCI addresses (without them a
 * redefinition renumbers the guest's devices), the UUID, what others attached. `unwanted` is the XML that an earlier
 * spec added and this one does not.
 */
export function updateDefinition(
  existing: XmlElement,
  wanted: XmlElement,
  unwanted: readonly XmlFragment[] = [],
): XmlElement {
  const domain = structuredClone(existing);
  const target = structuredClone(wanted);
  // Nothing of the old machine applies to another architecture.
  if (attributeAt(domain, 'os/type', 'arch') !== attributeAt(target, 'os/type', 'arch')) return target;
  dropAddedXml(domain, target, unwanted);
  domain.attributes['type'] = target.attributes['type'] as string;
  for (const name of PLAIN) replaceChildren(domain, name, find(target, name));
  for (const name of ACTIONS) replaceChildren(domain, name, undefined);
  // Which vCPUs are plugged in is libvirt's record of an earlier change; 'vcpu' says it again.
  replaceChildren(domain, 'vcpus', undefined);
  amendCpu(domain, target);
  amendHugePages(domain, target);
  amendIgnition(domain, target);
  amendMark(domain, target);
  amendFeatures(domain, target);
  amendMachine(domain, target);
  updateFirmware(domain, target);
  updateDevices(domain, target);
  return domain;
}

/** Stays as it is if it means what the spec says: libvirt spells out more. */
function amendCpu(domain: XmlElement, target: XmlElement): void {
  const [is, should] = [comparableOf(domain).fields, comparableOf(target).fields];
  const fields = ['cpu topology', 'cpu features', ...(should['cpu'] === undefined ? [] : ['cpu'])];
  if (fields.some((field) => is[field] !== should[field])) replaceChildren(domain, 'cpu', find(target, 'cpu'));
}

function amendHugePages(domain: XmlElement, target: XmlElement): void {
  const wanted = find(target, 'memoryBacking/hugepages');
  if (comparableOf(domain).fields['huge pages'] === comparableOf(target).fields['huge pages']) return;
  replaceChildren(childOf(domain, 'memoryBacking'), 'hugepages', wanted);
}

/** What others pass to the guest through fw_cfg stays. */
function amendIgnition(domain: XmlElement, target: XmlElement): void {
  const [is, should] = [ignitionEntry(domain), ignitionEntry(target)];
  if (is?.attributes['file'] === should?.attributes['file']) return;
  for (const sysinfo of findAll(domain, 'sysinfo')) {
    if (is) removeChild(sysinfo, is);
    if (sysinfo.attributes['type'] === 'fwcfg' && elementsOf(sysinfo).length === 0) removeChild(domain, sysinfo);
  }
  const found = findAll(domain, 'sysinfo').find(({ attributes }) => attributes['type'] === 'fwcfg');
  if (should && found) found.children.push(should);
  else if (should) domain.children.push(...findAll(target, 'sysinfo'));
}

function amendMark(domain: XmlElement, target: XmlElement): void {
  const metadata = childOf(domain, 'metadata');
  for (const old of elementsOf(metadata).filter(isMark)) removeChild(metadata, old);
  metadata.children.push(...elementsOf(childOf(target, 'metadata')));
}

function amendFeatures(domain: XmlElement, target: XmlElement): void {
  const features = childOf(domain, 'features');
  const missing = elementsOf(childOf(target, 'features')).filter(({ name }) => !find(features, name));
  features.children.push(...missing);
}

/** The old addresses and controllers are meaningless on another machine type. */
function amendMachine(domain: XmlElement, target: XmlElement): void {
  const os = childOf(domain, 'os');
  for (const boot of findAll(os, 'boot')) removeChild(os, boot); // excludes the order that disks have
  const found = childOf(os, 'type');
  const machine = attributeAt(target, 'os/type', 'machine') as string;
  if (sameMachine(machine, found.attributes['machine'])) return;
  found.attributes['machine'] = machine;
  const devices = childOf(domain, 'devices');
  for (const controller of findAll(devices, 'controller')) removeChild(devices, controller);
  for (const device of elementsOf(devices)) replaceChildren(device, 'address', undefined);
  devices.children.push(...findAll(target, 'devices/controller'));
}
