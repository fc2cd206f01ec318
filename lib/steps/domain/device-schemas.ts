import * as z from '../schema';
import {
  DISK_TARGET,
  fragmentFault,
  isFragmentParent,
  PCI_ADDRESS,
  USB_ID,
  type DiskSpec,
  type NetworkInterfaceSpec,
  type XmlFragment,
  type QosSpec,
  type HostDeviceSpec,
} from '../../model';
import * as schemas from '../schemas';

export const target = z.string().regex(DISK_TARGET, "is not a disk's target");

export const qos = z.object<schemas.ShapeOf<QosSpec>>({
  totalBytesPerSecond: schemas.size.optional(),
  readBytesPerSecond: schemas.size.optional(),
  writeBytesPerSecond: schemas.size.optional(),
  totalIops: z.number().int().optional(),
  readIops: z.number().int().optional(),
  writeIops: z.number().int().optional(),
  burstBytesPerSecond: schemas.size.optional(),
  burstIops: z.number().int().optional(),
  burstDuration: schemas.duration.optional(),
});

export const disk = z.object<schemas.ShapeOf<DiskSpec>>({
  image: schemas.imageSpec,
  bus: z.enum(['virtio', 'scsi', 'sata', 'ide', 'usb', 'xen']),
  cdrom: z.boolean().optional(),
  readOnly: z.boolean().optional(),
  serial: z.string().optional(),
  wwn: z.string().optional(),
  bootIndex: z.number().int().min(1).optional(),
  cache: z.enum(['none', 'writeback', 'writethrough', 'directsync', 'unsafe']).optional(),
  discard: z.boolean().optional(),
  detectZeroes: z.boolean().optional(),
  ioThread: z.boolean().optional(),
  queues: z.number().int().min(1).optional(),
  qos: qos.optional(),
});

export const xmlFragment = z.object<schemas.ShapeOf<XmlFragment>>({
  fragment: z.string().refine((text) => fragmentFault(text) === undefined, 'is not one element of XML'),
  parent: z.string().refine(isFragmentParent, 'is not the path of an element').optional(),
});

export const nic = z.object<schemas.ShapeOf<NetworkInterfaceSpec>>({
  network: z.string().optional(),
  bridge: z.string().optional(),
  macvtap: z.string().optional(),
  vlan: z.number().int().optional(),
  macAddress: z.string().regex(/^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$/, 'is not a MAC address'),
  openVSwitch: schemas.uuid.optional(),
  model: z.string().min(1),
  queues: z.number().int().min(1).optional(),
  mtu: z.number().int().min(68).optional(),
  trustGuestRxFilters: z.boolean().optional(),
  bootIndex: z.number().int().min(1).optional(),
  linkUp: z.boolean().optional(),
});

export const hostDevice = z.object<schemas.ShapeOf<HostDeviceSpec>>({
  pci: z.string().regex(PCI_ADDRESS, 'is not the address of a PCI device').optional(),
  mdev: schemas.uuid.optional(),
  usb: z.string().regex(USB_ID, 'is not vendor:product').optional(),
  model: z.string().min(1).optional(),
});
