import { type Fields, row, rows } from './effects';

/** A field of a VM's disk. */
export const DISK_FIELDS: Fields = {
  ...rows('VmDiskProps', 'next boot', 'image', 'bus', 'cdrom', 'readOnly', 'serial', 'bootIndex', 'cache', 'discard'),
  ...rows('VmDiskProps', 'next boot', 'detectZeroes', 'ioThread', 'wwn', 'queues'),
  qos: row('VmDiskProps', 'qos', 'live'),
};

/** A field of a VM's interface. */
export const NIC_FIELDS: Fields = {
  ...Object.fromEntries(
    ['network', 'bridge', 'macvtap', 'vlan'].map((name) => [name, row('NetworkInterfaceProps', 'source', 'next boot')]),
  ),
  model: row('NetworkInterfaceProps', 'model', 'next boot'),
  linkUp: row('NetworkInterfaceProps', 'linkUp', 'live'),
};

/** A field of a VM's spec. */
export const VM_FIELDS: Fields = {
  name: row('RbdBackedVmProps', 'vmName', 'another'),
  uuid: { effect: 'another' },
  description: row('RbdBackedVmProps', 'description', 'live'),
  vcpus: row('RbdBackedVmProps', 'vcpus', 'live'),
  memory: row('RbdBackedVmProps', 'memory', 'live'),
  ...rows('RbdBackedVmProps', 'next boot', 'maxVcpus', 'maxMemory', 'domainType', 'machineType', 'cpuMode'),
  ...rows('RbdBackedVmProps', 'next boot', 'cpuModel', 'ignitionFile', 'serialLogFile', 'vnc', 'guestAgent'),
  disks: row('RbdBackedVmProps', 'dataDisks', 'live'),
  networkInterfaces: row('RbdBackedVmProps', 'networkInterfaces', 'live'),
  monitors: row('CephClusterProps', 'monitors', 'next boot'),
  clientId: row('RbdBackedVmProps', 'secret', 'next boot'),
  secretUsage: row('RbdBackedVmProps', 'secret', 'next boot'),
  running: row('RbdBackedVmProps', 'running', 'in place'),
  autostart: row('RbdBackedVmProps', 'autostart', 'in place'),
  shutdownTimeout: row('RbdBackedVmProps', 'shutdownTimeout', 'nothing'),
  restartPolicy: row('RbdBackedVmProps', 'restartPolicy', 'nothing'),
  tags: { effect: 'nothing' },
  entryId: { effect: 'nothing' },
};
