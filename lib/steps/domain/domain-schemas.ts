import * as z from '../schema';
import type { DomainSpec, DomainRemoval } from '../../model';
import * as schemas from '../schemas';
import { target, disk, xmlFragment, nic, hostDevice } from './device-schemas';

/** virsh takes digits for the number of a running VM, and so for another VM. */
export const vmName = schemas.libvirtName.regex(/[^0-9]/, 'is a number, which virsh reads as the ID of another VM');
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

/** Only with PROVIDER. */
export const domainStop = domainRemoval.extend({
  domainEntryId: schemas.objectSpec.shape.entryId,
  addresses: z.array(z.string().min(1)).min(1),
});
