import type { DomainConfig, PoolConfig } from '../../lib/provider-libvirt';

/** A domain that uses what a VM on RBD needs: several monitors, boot order, consoles, interfaces of each kind. */
export function rbdDomain(name: string, network: string): DomainConfig {
  return {
    name,
    type: 'kvm',
    description: 'A web server',
    memory: 2048,
    memoryUnit: 'MiB',
    maximumMemory: 4096,
    maximumMemoryUnit: 'MiB',
    currentMemory: 2048,
    currentMemoryUnit: 'MiB',
    vcpu: 4,
    vcpuCurrent: 2,
    os: { type: 'hvm', typeArch: 'x86_64', typeMachine: 'q35', firmware: 'efi' },
    cpu: { mode: 'host-passthrough' },
    features: { acpi: true, apic: {} },
    clock: { offset: 'utc' },
    onPoweroff: 'destroy',
    onReboot: 'restart',
    onCrash: 'destroy',
    running: true,
    autostart: false,
    destroy: { shutdown: { timeout: 120 } },
    devices: {
      disks: [
        {
          device: 'disk',
          driver: { name: 'qemu', type: 'raw', cache: 'writeback', discard: 'unmap', detectZeros: 'unmap' },
          source: {
            network: {
              protocol: 'rbd',
              name: 'libvirt-pool/web1-root',
              auth: { username: 'libvirt', secret: { type: 'ceph', usage: 'client.libvirt secret' } },
              hosts: [
                { name: '10.0.0.11' },
                { name: '10.0.0.12', port: '6789' },
                { name: '2001:db8::13', port: '3300' },
              ],
            },
          },
          target: { dev: 'vda', bus: 'virtio' },
          boot: { order: 1 },
          serial: 'web1-vda',
          alias: { name: 'ua-vda' },
        },
      ],
      controllers: [{ type: 'scsi', index: 0, model: 'virtio-scsi' }],
      interfaces: [
        {
          source: { network: { network } },
          mac: { address: '52:54:00:00:00:01' },
          model: { type: 'virtio' },
          link: { state: 'up' },
          boot: { order: 2 },
        },
        { source: { bridge: { bridge: 'br0' } }, vlan: { tags: [{ id: 42 }] } },
        { source: { direct: { dev: 'eth0', mode: 'bridge' } } },
      ],
      serials: [
        {
          // No source: libvirt then makes a pty, while the provider's own `pty` wants the path that libvirt will
          // choose.
          target: { type: 'isa-serial', port: 0 },
          log: { file: '/var/log/libvirt/qemu/web1-serial.log', append: 'on' },
        },
      ],
      consoles: [{ target: { type: 'serial', port: 0 } }],
      channels: [{ source: { unix: {} }, target: { virtIo: { name: 'org.qemu.guest_agent.0' } } }],
      graphics: [{ vnc: { autoPort: true, listen: '127.0.0.1' } }],
      // All four, because otherwise libvirt adds the others and the provider calls the apply inconsistent.
      videos: [{ model: { type: 'vga', vram: 16384, heads: 1, primary: 'yes' } }],
      rngs: [{ model: 'virtio', backend: { random: '/dev/urandom' } }],
      memBalloon: { model: 'virtio' },
    },
  };
}

/** An RBD storage pool, with what it needs so that create and destroy succeed. */
export function rbdPool(name: string): PoolConfig {
  return {
    name,
    type: 'rbd',
    create: { build: false, start: true, autostart: true },
    destroy: { delete: false },
    source: {
      name: 'libvirt-pool',
      host: [{ name: '10.0.0.11' }, { name: '10.0.0.12', port: '6789' }],
      auth: { type: 'ceph', username: 'libvirt', secret: { usage: 'client.libvirt secret' } },
    },
  };
}
