import { TerraformVariable, type TerraformStack } from 'cdktf';
import {
  Firmware,
  HostDevice,
  LibvirtDriver,
  NetworkSource,
  type RbdBackedVmProps,
  RbdImage,
  Size,
  WatchdogAction,
} from '../../constructs';
import { DRIVERS, Scene } from '../helpers/scene';
import { codes, codesOf, synth } from '../helpers/synth';
import { withProps } from '../helpers/vm-stacks';

const UUID = '6c1f7c5e-52a0-4f0e-9b7b-2a34c3a6e5d1';

describe.each(DRIVERS)('The machine of a VM with %s', (driver) => {
  it('has every prop in its fields, and with PROVIDER in the domain', () => {
    const props: Partial<RbdBackedVmProps> = {
      firmware: Firmware.UEFI_SECURE_BOOT,
      enrolledKeys: false,
      vcpus: 4,
      cpuTopology: { cores: 2, threads: 2 },
      cpuFeatures: { vmx: false, aes: true },
      hugePageSize: Size.mebibytes(2),
      ballooning: false,
      rng: false,
      spice: true,
      watchdog: WatchdogAction.RESET,
      hostDevices: [HostDevice.pci('0000:3B:00.0'), HostDevice.mdev(UUID), HostDevice.usb('0781:5567')],
    };
    const { fields, at } = synth(withProps(props, driver));
    expect(fields('terraform_data.web1_spec')).toMatchObject({
      firmware: 'uefi-secure-boot',
      enrolledKeys: false,
      cpuTopology: { sockets: 1, cores: 2, threads: 2 },
      cpuFeatures: { vmx: false, aes: true },
      hugePageSize: '2 MiB',
      ballooning: false,
      rng: false,
      spice: true,
      watchdog: 'reset',
      hostDevices: [{ pci: '0000:3b:00.0' }, { mdev: UUID, model: 'vfio-pci' }, { usb: '0781:5567' }],
    });
    if (driver === LibvirtDriver.VIRSH) return;
    const domain = at('libvirt_domain.kvm1-web1');
    expect(domain).toMatchObject({
      os: {
        firmware: 'efi',
        firmware_info: { features: [{ name: 'enrolled-keys', enabled: 'no' }, { name: 'secure-boot' }] },
      },
      cpu: { mode: 'host-model', topology: { sockets: 1, cores: 2, threads: 2 } },
      memory_backing: { memory_huge_pages: { hugepages: [{ size: 2048, unit: 'KiB' }] } },
      devices: { mem_balloon: { model: 'none' }, watchdogs: [{ model: 'i6300esb', action: 'reset' }] },
    });
    expect(domain.devices.graphics).toHaveLength(1);
    expect(domain.devices.rngs).toBeUndefined();
    expect(domain.devices.hostdevs).toMatchObject([
      { managed: true, subsys_pci: { source: { address: { domain: 0, bus: 0x3b, slot: 0, function: 0 } } } },
      { subsys_m_dev: { model: 'vfio-pci', source: { address: { uuid: UUID } } } },
      { subsys_usb: { source: { vendor: { id: '0x0781' }, product: { id: '0x5567' } } } },
    ]);
  });

  it('shows in every plan that a replacement by the provider resets the UEFI variables', () => {
    const tags = (props: Partial<RbdBackedVmProps>): unknown =>
      synth(withProps(props, driver)).fields('terraform_data.web1_spec').tags;
    const byProvider = { replaceResets: 'UEFI variables' };
    const byVirsh = { restartPolicy: 'next-boot' };
    const [bios, uefi] = driver === LibvirtDriver.VIRSH ? [byVirsh, byVirsh] : [undefined, byProvider];
    expect(tags({ firmware: Firmware.BIOS })).toEqual(bios);
    expect(tags({ firmware: Firmware.UEFI })).toEqual(uefi);
    expect(tags({ architecture: 'aarch64' })).toEqual(uefi);
  });

  it('has nothing specific to x86 on another architecture', () => {
    const { fields, at } = synth((stack) => {
      const scene = new Scene(stack, driver);
      const dataDisks = [{ image: scene.image('seed'), cdrom: true, target: 'sda' }];
      scene.vm('web1', { architecture: 'aarch64', dataDisks });
    });
    expect(fields('terraform_data.web1_spec').disks.sda.bus).toBe('scsi');
    if (driver === LibvirtDriver.VIRSH) return;
    expect(at('libvirt_domain.kvm1-web1')).toMatchObject({
      os: { firmware: 'efi', type_arch: 'aarch64', type_machine: 'virt' },
      cpu: { mode: 'host-passthrough' },
    });
    expect(at('libvirt_domain.kvm1-web1').features.apic).toBeUndefined();
  });

  it('takes variables', () => {
    const { fields } = synth((stack) => {
      const count = new TerraformVariable(stack, 'count', { type: 'number' }).numberValue;
      const text = new TerraformVariable(stack, 'text', { type: 'string' }).stringValue;
      withProps(
        {
          vcpus: count,
          architecture: text,
          machineType: text,
          cpuTopology: { cores: count },
          hugePageSize: Size.mebibytes(count),
          networkInterfaces: [
            { source: NetworkSource.network(text), model: text, queues: count, mtu: count, bootIndex: count },
          ],
        },
        driver,
      )(stack);
    });
    expect(fields('terraform_data.web1_spec')).toMatchObject({
      architecture: '${var.text}',
      hugePageSize: '${var.count} MiB',
      networkInterfaces: [{ queues: '${var.count}', mtu: '${var.count}', bootIndex: '${var.count}' }],
    });
  });
});

describe('The machine of a VM', () => {
  it('takes an image for its UEFI variables, waits for it and lets its client write to it', () => {
    const { fields, at } = synth((stack) => {
      const scene = new Scene(stack, LibvirtDriver.VIRSH);
      const nvram = new RbdImage(stack, 'variables', { pool: scene.pool, size: Size.kibibytes(528) });
      scene.vm('web1', { firmware: Firmware.UEFI, nvram });
    });
    expect(fields('terraform_data.web1_spec').nvram).toBe('vms/variables');
    expect(at('terraform_data.web1_spec').depends_on).toContain('terraform_data.variables_spec_confirmed');
  });

  it.each<[string, Partial<RbdBackedVmProps>, string]>([
    ['an architecture with quotes', { architecture: "arm'" }, 'architecture-form'],
    ['BIOS on ARM', { architecture: 'aarch64', firmware: Firmware.BIOS }, 'firmware-architecture'],
    [
      'secure boot on the older machine',
      { machineType: 'pc', firmware: Firmware.UEFI_SECURE_BOOT },
      'firmware-machine',
    ],
    ['keys without secure boot', { firmware: Firmware.UEFI, enrolledKeys: true }, 'enrolled-keys-firmware'],
    ['a topology that is not its vcpus', { vcpus: 4, cpuTopology: { cores: 3 } }, 'cpu-topology'],
    ['a topology of halves', { vcpus: 1, cpuTopology: { cores: 0.5, threads: 2 } }, 'cpu-topology'],
    ['a feature with quotes', { cpuFeatures: { "a'": true } }, 'cpu-features-form'],
    ['pages of no size', { hugePageSize: Size.bytes(0) }, 'huge-page-size-range'],
    ['pages of three MiB', { hugePageSize: Size.mebibytes(3) }, 'huge-page-size'],
    ['a device without a domain', { hostDevices: [HostDevice.pci('3b:00.0')] }, 'host-device-form'],
    ['a mediated device that is no UUID', { hostDevices: [HostDevice.mdev('x')] }, 'host-device-form'],
    ['a USB device with a name', { hostDevices: [HostDevice.usb('stick')] }, 'host-device-form'],
    [
      'one device twice',
      { hostDevices: [HostDevice.usb('0781:5567'), HostDevice.usb('0781:5567')] },
      'host-device-twice',
    ],
  ])('fails for %s', (_, props, code) => {
    expect(codes(withProps(props))).toEqual([code]);
  });

  it('takes a topology that matches maxVcpus, a TPM, UEFI and secure boot', () => {
    expect(codesOf(withProps({ vcpus: 2, maxVcpus: 8, cpuTopology: { sockets: 2, cores: 4 } }))).toEqual([]);
    expect(codesOf(withProps({ tpm: true, firmware: Firmware.UEFI_SECURE_BOOT }))).toEqual([]);
    expect(codesOf(withProps({ firmware: Firmware.UEFI }, LibvirtDriver.PROVIDER))).toEqual([]);
  });

  it('fails with a variables image for BIOS, or with one that another VM writes to', () => {
    const build = (firmware: Firmware, twice: boolean, driver?: LibvirtDriver) => (stack: TerraformStack) => {
      const scene = new Scene(stack, driver);
      const nvram = scene.image('variables');
      scene.vm('a', { firmware, nvram });
      if (twice) scene.vm('b', { firmware, nvram });
    };
    expect(codes(build(Firmware.BIOS, false))).toEqual(['nvram-firmware']);
    expect(codes(build(Firmware.UEFI, false, LibvirtDriver.PROVIDER))).toEqual(['nvram-driver']);
    expect(codes(build(Firmware.UEFI, true))).toEqual(['claimed-twice']);
  });

  it.each([{ cdrom: true, bus: 'sata' }, { bus: 'ide' }])('fails on ARM for a disk with %j', (disk) => {
    const build = (stack: TerraformStack): void => {
      const scene = new Scene(stack);
      scene.vm('web1', { architecture: 'aarch64', dataDisks: [{ image: scene.image('i'), ...(disk as object) }] });
    };
    expect(codes(build)).toEqual(['disk-bus-machine']);
  });
});
