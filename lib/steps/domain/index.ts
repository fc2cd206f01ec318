import * as z from '../schema';
import { PCI_ADDRESS, USB_ID, type DomainRemoval, type DomainSpec } from '../../model';
import * as schemas from '../schemas';
import type { KindSteps } from '../step';
import { definition } from './definition';
import { clientMayReadImages, imagesExist } from './images-exist';
import { liveUpdate, restart } from './live-update';
import { ownership } from './ownership';
import { remove } from './remove';
import { clearForProvider } from './clear-for-provider';
import { disk, target, vmName, xmlFragment } from './schemas';
import { autostart, resumed, state } from './state';
import { type DomainWorld, type FoundDomain, observeFound, observeWorld } from './lookup';

const nic = z.object({
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
const hostDevice = z.object({
  pci: z.string().regex(PCI_ADDRESS, 'is not the address of a PCI device').optional(),
  mdev: schemas.uuid.optional(),
  usb: z.string().regex(USB_ID, 'is not vendor:product').optional(),
  model: z.string().min(1).optional(),
});
const count = z.number().int().min(1);
const spec = schemas.objectSpec.extend({
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
const removalSpec = schemas.removal.extend({
  host: schemas.host,
  name: vmName,
  uuid: schemas.uuid,
  shutdownTimeout: schemas.duration,
});

/** A virtual machine on a host. */
export const domain: KindSteps<DomainSpec, DomainRemoval, DomainWorld, FoundDomain> = {
  kind: 'domain',
  title: ({ name }) => `VM '${name}'`,
  lock: ({ host, name }) => ({ file: `domain-${name}`, transport: host.transport }),
  parseSpec: schemas.parser(spec),
  parseRemoval: schemas.parser(removalSpec),
  ensure: {
    observe: observeWorld,
    steps: {
      provider: [imagesExist, clientMayReadImages, clearForProvider],
      virsh: [ownership, imagesExist, clientMayReadImages, definition, resumed, liveUpdate, restart, state, autostart],
    },
  },
  remove: { observe: observeFound, steps: [remove] },
};
