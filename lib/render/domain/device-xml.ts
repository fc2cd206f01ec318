import { PCI_ADDRESS, USB_ID, type DomainDefinition, type HostDeviceSpec } from '../../model';
import { element, type XmlElement } from '../xml';
import * as defaults from './defaults';
import { tpmOf } from './firmware';

/** The devices that are neither disks nor network interfaces. */
export function otherDevices(spec: DomainDefinition): (XmlElement | undefined)[] {
  const { guestAgent, ballooning = true, rng = true, hostDevices = [] } = spec;
  return [
    ...serialConsole(spec),
    guestAgent
      ? element('channel', { type: 'unix' }, element('target', { type: 'virtio', name: defaults.AGENT_CHANNEL }))
      : undefined,
    ...screens(spec),
    spec.tpm ? tpm(spec) : undefined,
    spec.watchdog === undefined ? undefined : watchdog(spec.watchdog),
    ...hostDevices.map(hostDevice),
    element('memballoon', { model: ballooning ? 'virtio' : 'none' }),
    rng ? element('rng', { model: 'virtio' }, element('backend', { model: 'random' }, '/dev/urandom')) : undefined,
  ];
}

/** libvirt shows a serial port as a console too, and requires the same log in both. */
function serialConsole(spec: DomainDefinition): XmlElement[] {
  const log = () =>
    spec.serialLogFile === undefined ? undefined : element('log', { file: spec.serialLogFile, append: 'on' });
  return [
    element('serial', { type: 'pty' }, log(), element('target', { type: defaults.serialTargetOf(spec), port: 0 })),
    element('console', { type: 'pty' }, log(), element('target', { type: 'serial', port: 0 })),
  ];
}

/** Only on the host's loopback: set up like this, they have neither encryption nor a password. */
function screens(spec: DomainDefinition): XmlElement[] {
  const types = [...(spec.vnc ? ['vnc'] : []), ...(spec.spice ? ['spice'] : [])];
  const graphics = types.map((type) => {
    const listen = element('listen', { type: 'address', address: '127.0.0.1' });
    return element('graphics', { type, autoport: 'yes', listen: '127.0.0.1' }, listen);
  });
  const video = element('video', {}, element('model', defaults.videoOf(spec)));
  return graphics.length > 0 ? [...graphics, video] : [];
}

function tpm(spec: DomainDefinition): XmlElement {
  const { model, type, version } = tpmOf(spec);
  return element('tpm', { model }, element('backend', { type, version }), alias(defaults.TPM_ALIAS));
}

function watchdog(action: string): XmlElement {
  return element('watchdog', { model: defaults.WATCHDOG_MODEL, action }, alias(defaults.WATCHDOG_ALIAS));
}

function hostDevice(device: HostDeviceSpec): XmlElement {
  const type = device.pci !== undefined ? 'pci' : device.mdev !== undefined ? 'mdev' : 'usb';
  const managed = type === 'pci' ? 'yes' : undefined;
  const place = { mode: 'subsystem', type, managed, model: device.model };
  return element('hostdev', place, element('source', {}, ...sourceOf(device)), alias(defaults.hostDeviceAlias(device)));
}

function sourceOf({ pci = '', mdev, usb = '' }: HostDeviceSpec): XmlElement[] {
  if (mdev !== undefined) return [element('address', { uuid: mdev })];
  const [, vendor, product] = USB_ID.exec(usb) ?? [];
  if (vendor) return [element('vendor', { id: `0x${vendor}` }), element('product', { id: `0x${product}` })];
  const [, domain, bus, slot, fn] = PCI_ADDRESS.exec(pci) ?? [];
  return [element('address', { domain: `0x${domain}`, bus: `0x${bus}`, slot: `0x${slot}`, function: `0x${fn}` })];
}

function alias(name: string): XmlElement {
  return element('alias', { name });
}
