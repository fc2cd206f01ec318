import type { DomainSpec } from '../../lib/model';

/** A VM with one disk, for tests that look at its definition. */
export const DOMAIN: DomainSpec = {
  v: 1,
  owner: { project: 'shop', stack: 'prod', workspace: 'default' },
  entryId: '11111111-1111-4111-8111-111111111111',
  host: { uri: 'qemu:///system', transport: { type: 'local' } },
  cluster: { monitors: ['10.0.0.11'], transport: { type: 'local' } },
  monitors: ['10.0.0.11', 'mon2:6789', '[2001:db8::13]:3300'],
  clientId: 'libvirt',
  secretUsage: 'client.libvirt secret',
  name: 'web1',
  uuid: '33333333-3333-5333-8333-333333333333',
  domainType: 'kvm',
  vcpus: 2,
  memory: '4 GiB',
  disks: { vda: { image: 'pool/web1-root', bus: 'virtio' } },
  running: true,
  autostart: false,
  shutdownTimeout: '2 minutes',
  restartPolicy: 'next-boot',
  driver: 'virsh',
};

const NIC = { macAddress: '52:54:00:AA:BB:01', model: 'virtio' };

/** Everything that a definition can contain, each at least once. */
export const VARIANTS: readonly Partial<DomainSpec>[] = [
  {},
  { description: `a <b> & "c" 'd' ]]>` },
  { domainType: 'qemu', machineType: 'pc', memory: '1025 bytes' },
  { maxVcpus: 8, maxMemory: '8 GiB' },
  { cpuMode: 'host-passthrough' },
  { cpuModel: 'Nehalem' },
  { networkInterfaces: [{ ...NIC, network: 'default' }] },
  { networkInterfaces: [{ ...NIC, bridge: 'br0', vlan: 42, linkUp: false }] },
  { networkInterfaces: [{ ...NIC, macvtap: 'eth0', linkUp: true, model: 'e1000' }] },
  { serialLogFile: '/var/log/guests/web1 & co.log', vnc: true, guestAgent: true },
  {
    disks: {
      vda: { image: 'pool/root', bus: 'virtio', ioThread: true, cache: 'writeback', discard: true, detectZeroes: true },
      vdb: { image: 'pool/data', bus: 'virtio', ioThread: true, bootIndex: 2, serial: 'data-1', discard: false },
      vdaa: { image: 'pool/last', bus: 'virtio', cache: 'none', detectZeroes: false },
      sda: {
        image: 'pool/slow',
        bus: 'scsi',
        readOnly: true,
        qos: {
          totalBytesPerSecond: '10 MiB',
          totalIops: 100,
          burstBytesPerSecond: '20 MiB',
          burstIops: 200,
          burstDuration: '10 seconds',
        },
      },
      sdh: { image: 'pool/fast', bus: 'scsi', ioThread: true, queues: 4, wwn: '5000c500a1b2c3d4' },
      vdd: {
        image: 'pool/parts',
        bus: 'virtio',
        queues: 2,
        qos: { readBytesPerSecond: '1 MiB', writeBytesPerSecond: '2 MiB', readIops: 10, writeIops: 20 },
      },
      sdb: { image: 'pool/seed', bus: 'sata', cdrom: true },
      sdc: { image: 'pool/stick', bus: 'usb' },
    },
  },
  {
    xml: [
      { fragment: '<watchdog model="i6300esb" action="reset"/>' },
      { fragment: '<kvm><hidden state="on"/></kvm>', parent: 'features' },
      { fragment: '<title>a &amp; b</title>', parent: 'domain' },
      { fragment: '<hugepages/>', parent: 'memoryBacking' },
    ],
  },
  {
    firmware: 'uefi-secure-boot',
    tpm: true,
    maxVcpus: 8,
    cpuTopology: { sockets: 2, cores: 2, threads: 2 },
    cpuFeatures: { vmx: false, pcid: true },
    hugePageSize: '2 MiB',
    ballooning: false,
    rng: false,
    spice: true,
    watchdog: 'inject-nmi',
    hostDevices: [
      { pci: '0000:3b:00.0' },
      { mdev: '6c1f7c5e-52a0-4f0e-9b7b-2a34c3a6e5d1', model: 'vfio-pci' },
      { usb: '0781:5567' },
    ],
    networkInterfaces: [
      {
        ...NIC,
        bridge: 'br0',
        vlan: 20,
        openVSwitch: '6c1f7c5e-52a0-5f0e-9b7b-2a34c3a6e5d1',
        queues: 4,
        mtu: 9000,
        bootIndex: 1,
      },
      { ...NIC, macAddress: '52:54:00:AA:BB:02', macvtap: 'eth0', trustGuestRxFilters: true },
    ],
  },
  { ignitionFile: '/etc/libvirt/core1.ign' },
  { firmware: 'uefi-secure-boot', enrolledKeys: false },
  { firmware: 'uefi', nvram: 'pool/variables' },
  { architecture: 'aarch64', tpm: true, vnc: true },
  { architecture: 'aarch64', domainType: 'qemu', disks: { sda: { image: 'pool/seed', bus: 'scsi', cdrom: true } } },
  { machineType: 'pc', disks: { hda: { image: 'pool/old', bus: 'ide' } } },
];
