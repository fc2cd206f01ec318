import { PCI_ADDRESS, USB_ID, type HostDeviceSpec } from '../../model';
import type { DomainDevices } from '../../provider-libvirt/generated';
import { hostDeviceAlias } from './defaults';

type HostDevice = Extract<DomainDevices['hostdevs'], readonly unknown[]>[number];

export function hostDevice(device: HostDeviceSpec): HostDevice {
  const alias = { name: hostDeviceAlias(device) };
  if (device.mdev !== undefined) {
    return { alias, subsysMDev: { model: device.model, source: { address: { uuid: device.mdev } } } };
  }
  const [, vendor, product] = USB_ID.exec(device.usb ?? '') ?? [];
  if (vendor) {
    return { alias, subsysUsb: { source: { vendor: { id: `0x${vendor}` }, product: { id: `0x${product}` } } } };
  }
  const [domain, bus, slot, fn] = (PCI_ADDRESS.exec(device.pci ?? '') ?? []).slice(1).map((part) => parseInt(part, 16));
  return { alias, managed: true, subsysPci: { source: { address: { domain, bus, slot, function: fn } } } };
}
