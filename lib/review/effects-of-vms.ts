import type { DiskSpec, DomainSpec, NetworkInterfaceSpec } from '../model';
import { type Field, type Fields, type FieldsOf, row, rows } from './effects';

/** A field of a VM's disk. */
const disk: FieldsOf<DiskSpec> = {
  ...rows('VmDiskProps', 'next boot', 'image', 'bus', 'cdrom', 'readOnly', 'serial', 'bootIndex', 'cache', 'discard'),
  ...rows('VmDiskProps', 'next boot', 'detectZeroes', 'ioThread', 'wwn', 'queues'),
  qos: row('VmDiskProps', 'qos', 'live'),
};
export const DISK_FIELDS: Fields = disk;

const SOURCE = row('NetworkInterfaceProps', 'source', 'next boot');

/** A field of a VM's interface. */
const nic: FieldsOf<NetworkInterfaceSpec> = {
  network: SOURCE,
  bridge: SOURCE,
  macvtap: SOURCE,
  vlan: SOURCE,
  openVSwitch: SOURCE,
  macAddress: row('NetworkInterfaceProps', 'macAddress', 'another'),
  ...rows('NetworkInterfaceProps', 'next boot', 'model', 'queues', 'mtu', 'bootIndex'),
  ...rows('NetworkInterfaceProps', 'live', 'trustGuestRxFilters', 'linkUp'),
};
export const NIC_FIELDS: Fields = nic;

/** What guest and device may not support while the VM runs, or only one driver does: the worst counts. */
const AT_WORST_NEXT_BOOT: Field = { effect: 'next boot' };
/** Not in the fields that a plan shows, or the same in each. */
type Hidden = 'v' | 'owner' | 'host' | 'cluster' | 'diskEntryIds';

/** A field of a VM's spec. */
const vm: FieldsOf<Omit<DomainSpec, Hidden>> = {
  name: row('RbdBackedVmProps', 'vmName', 'another'),
  uuid: { effect: 'another' },
  ...rows('RbdBackedVmProps', 'live', 'description', 'vcpus', 'memory'),
  ...rows('RbdBackedVmProps', 'next boot', 'maxVcpus', 'maxMemory', 'domainType', 'machineType', 'cpuMode'),
  ...rows('RbdBackedVmProps', 'next boot', 'cpuModel', 'cpuTopology', 'cpuFeatures', 'hugePageSize', 'ballooning'),
  ...rows('RbdBackedVmProps', 'next boot', 'architecture', 'firmware', 'nvram', 'tpm', 'rng', 'watchdog'),
  ...rows('RbdBackedVmProps', 'next boot', 'ignitionFile', 'serialLogFile', 'vnc', 'spice', 'guestAgent'),
  enrolledKeys: AT_WORST_NEXT_BOOT,
  hostDevices: AT_WORST_NEXT_BOOT,
  xml: AT_WORST_NEXT_BOOT,
  disks: row('RbdBackedVmProps', 'dataDisks', 'live'),
  networkInterfaces: row('RbdBackedVmProps', 'networkInterfaces', 'live'),
  monitors: row('CephClusterProps', 'monitors', 'next boot'),
  clientId: row('RbdBackedVmProps', 'secret', 'next boot'),
  secretUsage: row('RbdBackedVmProps', 'secret', 'next boot'),
  ...rows('RbdBackedVmProps', 'in place', 'running', 'autostart'),
  ...rows('RbdBackedVmProps', 'nothing', 'shutdownTimeout', 'restartPolicy'),
  driver: { effect: 'nothing' },
  entryId: { effect: 'nothing' },
};
export const VM_FIELDS: Fields = { ...vm, tags: { effect: 'nothing' } };
