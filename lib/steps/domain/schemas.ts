import * as z from '../schema';
import {
  DISK_TARGET,
  fragmentFault,
  isFragmentParent,
  PCI_ADDRESS,
  USB_ID,
  type DiskSpec,
  type NetworkInterfaceSpec,
  type DomainSpec,
  type DomainRemoval,
  type XmlFragment,
  type QosSpec,
  type HostDeviceSpec,
} from '../../model';
import * as schemas from '../schemas';

/** virsh takes digits for the number of a VM that runs, so for another one. */
export const vmName = schemas.libvirtName.regex(/[^0-9]/, 'is a number, which virsh takes for that of another VM');
export const target = z.string().regex(DISK_TARGET, "is not a disk's target");

const qos = z.object<schemas.ShapeOf<QosSpec>>({
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

const nic = z.object<schemas.ShapeOf<NetworkInterfaceSpec>>({
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
const hostDevice = z.object<schemas.ShapeOf<HostDeviceSpec>>({
  pci: z.string().regex(PCI_ADDRESS, 'is not the address of a PCI device').optional(),
  mdev: schemas.uuid.optional(),
  usb: z.string().regex(USB_ID, 'is not vendor:product').optional(),
  model: z.string().min(1).optional(),
});
const count = z.number().int().min(1);
export const domainSpec = schemas.objectSpec.extend<schemas.ShapeOf<DomainSpec>>({
  host: schemas.host,
  cluster: schemas.cluster,
  monitors: schemas.monitors,
  clientId: schemas.cephName,
  secretUsage: schemas.secretUsage,
  name: vmName,
  uuid: schemas.uuid,
  description: z.string().optional(),
  domainType: z.enum(['kvm', 'qemu']),
  architecture: z.string().min(1).optional(),
  machineType: z.string().min(1).optional(),
  firmware: z.enum(['bios', 'uefi', 'uefi-secure-boot']).optional(),
  enrolledKeys: z.boolean().optional(),
  nvram: schemas.imageSpec.optional(),
  tpm: z.boolean().optional(),
  cpuMode: z.string().min(1).optional(),
  cpuModel: z.string().min(1).optional(),
  cpuTopology: z.object({ sockets: count, cores: count, threads: count }).optional(),
  cpuFeatures: z.record(z.string().min(1), z.boolean()).optional(),
  vcpus: count,
  maxVcpus: count.optional(),
  memory: schemas.size,
  maxMemory: schemas.size.optional(),
  hugePageSize: schemas.size.optional(),
  ballooning: z.boolean().optional(),
  disks: z.record(target, disk),
  diskEntryIds: z.record(target, z.string().min(1)).optional(),
  networkInterfaces: z.array(nic).optional(),
  ignitionFile: z.string().min(1).optional(),
  serialLogFile: z.string().min(1).optional(),
  vnc: z.boolean().optional(),
  spice: z.boolean().optional(),
  guestAgent: z.boolean().optional(),
  rng: z.boolean().optional(),
  watchdog: z.enum(['reset', 'poweroff', 'shutdown', 'pause', 'none', 'dump', 'inject-nmi']).optional(),
  hostDevices: z.array(hostDevice).optional(),
  xml: z.array(xmlFragment).optional(),
  running: z.boolean(),
  autostart: z.boolean(),
  shutdownTimeout: schemas.duration,
  restartPolicy: z.enum(['next-boot', 'now']),
  driver: z.enum(['provider', 'virsh']),
});
export const domainRemoval = schemas.removal.extend<schemas.ShapeOf<DomainRemoval>>({
  host: schemas.host,
  name: vmName,
  uuid: schemas.uuid,
  shutdownTimeout: schemas.duration,
});

/** With PROVIDER. */
export const domainStop = domainRemoval.extend({
  domainEntryId: schemas.objectSpec.shape.entryId,
  addresses: z.array(z.string().min(1)).min(1),
});
