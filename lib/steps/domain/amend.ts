import { elementsOf, find, findAll, attributeAt, removeChild, type XmlElement } from '../../render/xml';
import { sameMachine } from './compare';
import { ignitionEntry } from './machine-fields';
import { isMark } from './observed-domain';
import { amendFirmware } from './firmware';
import { agentChannel, graphicsOf, scsiControllers, scsiField, comparableOf, type Part } from './comparable';

const PLAIN = ['description', 'memory', 'currentMemory', 'vcpu', 'iothreads', 'iothreadids', 'clock'];
/** libvirt's own where no added XML says otherwise. */
const ACTIONS = ['on_poweroff', 'on_reboot', 'on_crash'];

/**
 * An existing definition with what the spec decides put right. All else stays: PCI addresses (a redefinition without
 * them renumbers the guest's devices), the UUID, what others plugged in.
 */
export function amend(existing: XmlElement, wanted: XmlElement): XmlElement {
  const domain = structuredClone(existing);
  const target = structuredClone(wanted);
  // To another architecture nothing of the old machine means anything.
  if (attributeAt(domain, 'os/type', 'arch') !== attributeAt(target, 'os/type', 'arch')) return target;
  domain.attributes['type'] = target.attributes['type'] as string;
  for (const name of PLAIN) replace(domain, name, find(target, name));
  for (const name of ACTIONS) replace(domain, name, undefined);
  // Which vCPU is plugged in is libvirt's note of an earlier change; 'vcpu' says it anew.
  replace(domain, 'vcpus', undefined);
  amendCpu(domain, target);
  amendHugePages(domain, target);
  amendIgnition(domain, target);
  amendMark(domain, target);
  amendFeatures(domain, target);
  amendMachine(domain, target);
  amendFirmware(domain, target);
  amendDevices(domain, target);
  return domain;
}

/** As it is where the spec says what is there: libvirt spells out more. */
function amendCpu(domain: XmlElement, target: XmlElement): void {
  const [is, should] = [comparableOf(domain).fields, comparableOf(target).fields];
  const fields = ['cpu topology', 'cpu features', ...(should['cpu'] === undefined ? [] : ['cpu'])];
  if (fields.some((field) => is[field] !== should[field])) replace(domain, 'cpu', find(target, 'cpu'));
}

function amendHugePages(domain: XmlElement, target: XmlElement): void {
  const wanted = find(target, 'memoryBacking/hugepages');
  if (comparableOf(domain).fields['huge pages'] === comparableOf(target).fields['huge pages']) return;
  replace(sub(domain, 'memoryBacking'), 'hugepages', wanted);
}

/** What others tell the guest by fw_cfg stays. */
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

function replace(parent: XmlElement, name: string, by: XmlElement | undefined): void {
  const olds = findAll(parent, name);
  const at = parent.children.findIndex((child) => child === olds[0]);
  if (by && at >= 0) parent.children[at] = by;
  else if (by) parent.children.push(by);
  for (const old of by ? olds.slice(1) : olds) removeChild(parent, old);
}

function sub(parent: XmlElement, name: string): XmlElement {
  const found = find(parent, name);
  if (found) return found;
  const made: XmlElement = { name, attributes: {}, children: [] };
  parent.children.push(made);
  return made;
}

function amendMark(domain: XmlElement, target: XmlElement): void {
  const metadata = sub(domain, 'metadata');
  for (const old of elementsOf(metadata).filter(isMark)) removeChild(metadata, old);
  metadata.children.push(...elementsOf(sub(target, 'metadata')));
}

function amendFeatures(domain: XmlElement, target: XmlElement): void {
  const features = sub(domain, 'features');
  const missing = elementsOf(sub(target, 'features')).filter(({ name }) => !find(features, name));
  features.children.push(...missing);
}

/** On another machine the old addresses and controllers have no meaning. */
function amendMachine(domain: XmlElement, target: XmlElement): void {
  const os = sub(domain, 'os');
  for (const boot of findAll(os, 'boot')) removeChild(os, boot); // excludes the order that disks have
  const found = sub(os, 'type');
  const machine = attributeAt(target, 'os/type', 'machine') as string;
  if (sameMachine(machine, found.attributes['machine'])) return;
  found.attributes['machine'] = machine;
  const devices = sub(domain, 'devices');
  for (const controller of findAll(devices, 'controller')) removeChild(devices, controller);
  for (const device of elementsOf(devices)) replace(device, 'address', undefined);
  devices.children.push(...findAll(target, 'devices/controller'));
}

function amendDevices(domain: XmlElement, target: XmlElement): void {
  const [devices, wanted] = [sub(domain, 'devices'), sub(target, 'devices')];
  const [found, view] = [comparableOf(domain), comparableOf(target)];
  amendParts(devices, view.disks, found.disks);
  amendParts(devices, view.interfaces, found.interfaces);
  amendParts(devices, view.devices, found.devices);
  for (const name of ['serial', 'console']) amendSerial(devices, wanted, name);
  amendScsi(devices, wanted);
  amendOne(devices, agentChannel(devices), agentChannel(wanted), 'drop');
  for (const type of ['vnc', 'spice']) {
    amendOne(devices, graphicsOf(devices, type), graphicsOf(wanted, type), 'drop');
  }
  if (found.fields['memory balloon'] !== view.fields['memory balloon']) {
    replace(devices, 'memballoon', find(wanted, 'memballoon'));
  }
  amendOne(devices, find(devices, 'rng'), find(wanted, 'rng'), 'keep');
  amendOne(devices, find(devices, 'video'), find(wanted, 'video'), find(devices, 'graphics') ? 'keep' : 'drop');
}

/** One that is there keeps its address and its alias; one that is not wanted may have a disk of somebody else. */
function amendScsi(devices: XmlElement, wanted: XmlElement): void {
  for (const one of scsiControllers(wanted)) {
    const found = scsiControllers(devices).find((other) => scsiField(other) === scsiField(one));
    if (!found) devices.children.push(one);
    else {
      found.attributes['model'] = one.attributes['model'] as string;
      replace(found, 'driver', find(one, 'driver'));
    }
  }
  // What stays of it goes by no I/O thread, as that went with the disk of ours.
  const kept = scsiControllers(wanted).map(scsiField);
  for (const one of scsiControllers(devices).filter((other) => !kept.includes(scsiField(other)))) {
    replace(one, 'driver', undefined);
  }
}

function amendOne(
  devices: XmlElement,
  found: XmlElement | undefined,
  wanted: XmlElement | undefined,
  unwanted: 'keep' | 'drop',
): void {
  if (!found && wanted) devices.children.push(wanted);
  if (found && !wanted && unwanted === 'drop') removeChild(devices, found);
}

function amendParts(devices: XmlElement, wanted: ReadonlyMap<string, Part>, found: ReadonlyMap<string, Part>): void {
  for (const [key, one] of found) if (one.ours && !wanted.has(key)) removeChild(devices, one.element);
  for (const [key, one] of wanted) {
    const old = found.get(key);
    if (old && JSON.stringify(old.fields) === JSON.stringify(one.fields)) continue;
    const address = old && old.fields['bus'] === one.fields['bus'] ? find(old.element, 'address') : undefined;
    if (address) one.element.children.push(address);
    if (old) devices.children.splice(devices.children.indexOf(old.element), 1, one.element);
    else devices.children.push(one.element);
  }
}

function amendSerial(devices: XmlElement, wanted: XmlElement, name: string): void {
  const [found, one] = [find(devices, name), find(wanted, name)];
  if (!found && one) devices.children.push(one);
  if (found && one) replace(found, 'log', find(one, 'log'));
}
