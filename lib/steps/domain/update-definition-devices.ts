import { find, removeChild, type XmlElement, replaceChildren, childOf } from '../../render/xml';
import { agentChannel, graphicsOf, scsiControllers, scsiField, comparableOf, type Part } from './compared-fields';

/** What others attached stays, and so does the address of each existing device. */
export function updateDevices(domain: XmlElement, target: XmlElement): void {
  const [devices, wanted] = [childOf(domain, 'devices'), childOf(target, 'devices')];
  const [found, want] = [comparableOf(domain), comparableOf(target)];
  amendParts(devices, want.disks, found.disks);
  amendParts(devices, want.interfaces, found.interfaces);
  amendParts(devices, want.devices, found.devices);
  for (const name of ['serial', 'console']) amendSerial(devices, wanted, name);
  amendScsi(devices, wanted);
  amendOne(devices, agentChannel(devices), agentChannel(wanted), 'drop');
  for (const type of ['vnc', 'spice']) {
    amendOne(devices, graphicsOf(devices, type), graphicsOf(wanted, type), 'drop');
  }
  if (found.fields['memory balloon'] !== want.fields['memory balloon']) {
    replaceChildren(devices, 'memballoon', find(wanted, 'memballoon'));
  }
  amendOne(devices, find(devices, 'rng'), find(wanted, 'rng'), 'keep');
  amendOne(devices, find(devices, 'video'), find(wanted, 'video'), find(devices, 'graphics') ? 'keep' : 'drop');
}

/** An existing controller keeps its address and alias; one that is no longer wanted may have a disk of others. */
function amendScsi(devices: XmlElement, wanted: XmlElement): void {
  for (const one of scsiControllers(wanted)) {
    const found = scsiControllers(devices).find((other) => scsiField(other) === scsiField(one));
    if (!found) devices.children.push(one);
    else {
      found.attributes['model'] = one.attributes['model'] as string;
      replaceChildren(found, 'driver', find(one, 'driver'));
    }
  }
  // A controller that stays uses no I/O thread, because the thread was removed with our disk.
  const kept = scsiControllers(wanted).map(scsiField);
  for (const one of scsiControllers(devices).filter((other) => !kept.includes(scsiField(other)))) {
    replaceChildren(one, 'driver', undefined);
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
  if (found && one) replaceChildren(found, 'log', find(one, 'log'));
}
