import type { TerraformStack } from 'cdktf';
import { CephRbdStoragePool, Duration, Firmware, LibvirtDriver, type RbdBackedVmProps, Size } from '../../constructs';
import { DRIVERS, hostOf, Scene } from '../helpers/scene';
import { codes, codesOf, refusal } from '../helpers/synth';
import { withProps } from '../helpers/vm-stacks';

describe.each(DRIVERS)('A VM with %s', (driver) => {
  it.each<[string, Partial<RbdBackedVmProps>, string]>([
    ['vcpus 0', { vcpus: 0 }, 'vcpus-range'],
    ['vcpus 4097', { vcpus: 4097 }, 'vcpus-range'],
    ['memory 0', { memory: Size.gibibytes(0) }, 'memory-range'],
    ['memory of half a KiB', { memory: Size.bytes(512) }, 'memory-unit'],
    ['maxVcpus below vcpus', { vcpus: 4, maxVcpus: 3 }, 'max-vcpus-range'],
    ['maxMemory below memory', { maxMemory: Size.mebibytes(255) }, 'max-memory'],
    ['shutdownTimeout 0', { shutdownTimeout: Duration.seconds(0) }, 'shutdown-timeout'],
    ['a description with control characters', { description: 'a\0' }, 'description-text'],
    ['a machine type with quotes', { machineType: "q35'" }, 'machine-type-form'],
    ['an unknown CPU mode', { cpuMode: 'fast' }, 'cpu-mode'],
    ['a CPU model without the mode custom', { cpuModel: 'qemu64' }, 'cpu-model'],
    ['a relative log file', { serialLogFile: 'web1.log' }, 'serial-log-file'],
    ["libvirt's own log file", { serialLogFile: '/var/log/libvirt/qemu/web1.log' }, 'serial-log-file'],
  ])('fails for %s', (_, props, code) => {
    expect(codes(withProps(props, driver))).toEqual([code]);
  });
});

describe('A VM', () => {
  it('takes vcpus from 1 to 4096 and memory from 1 KiB', () => {
    expect(codesOf(withProps({ vcpus: 1, memory: Size.kibibytes(1) }))).toEqual([]);
    expect(codesOf(withProps({ vcpus: 4096, maxVcpus: 4096, maxMemory: Size.mebibytes(256) }))).toEqual([]);
  });

  it('fails with both faults when there are two', () => {
    const { violations } = refusal(withProps({ vcpus: 0, memory: Size.bytes(0) }));
    expect(violations.map(({ message }) => message)).toEqual([
      "'vcpus' must be a whole number from 1 to 4096, got 0; give the VM at least one",
      "'memory' must be above zero, in whole bytes, got 0 bytes; use, for example, Size.gibibytes(20)",
    ]);
  });

  it.each(["a'b", 'a"b', '$(id)', 'a\nb', '', 'a/b', '${x}'])('fails for the vmName %j', (vmName) => {
    expect(codes(withProps({ vmName }))).toEqual(['vm-name-form']);
  });

  it('fails for a vmName of digits only, which virsh would take for an id', () => {
    expect(codes(withProps({ vmName: '42' }))).toEqual(['vm-name-digits']);
  });

  it('fails without storage and secret, and with both', () => {
    expect(codes(withProps({ secret: undefined }))).toEqual(['vm-storage-or-secret']);
    const both = (stack: TerraformStack): void => {
      const scene = new Scene(stack);
      const { host, cluster, secret } = scene;
      const storage = new CephRbdStoragePool(stack, 'st', { host, cluster, poolName: 'vms' });
      scene.vm('web1', { storage, secret });
    };
    expect(codes(both)).toEqual(['vm-storage-or-secret']);
  });

  it('fails when it has no pool in which to create an image', () => {
    expect(codes(withProps({ rootDisk: { size: Size.gibibytes(1) } }))).toEqual(['disk-image-pool']);
  });

  it('fails when two VMs claim the same name on a host, and takes the same name on two hosts', () => {
    const two = (second: string) => (stack: TerraformStack) => {
      const scene = new Scene(stack);
      const other = second === 'kvm1' ? scene.host : hostOf(stack, undefined, second);
      const storage = new CephRbdStoragePool(stack, 'st', { host: other, cluster: scene.cluster });
      scene.vm('a', { vmName: 'web' });
      scene.vm('b', { vmName: 'web', storage });
    };
    expect(codesOf(two('kvm2'))).toEqual([]);
    expect(refusal(two('kvm1')).message).toContain(
      "the VM 'web' on qemu+ssh://root@kvm1/system already belongs to 'stack/a'",
    );
  });

  it.each(DRIVERS)('takes BIOS and no TPM with %s', (driver) => {
    expect(codesOf(withProps({ firmware: Firmware.BIOS, tpm: false }, driver))).toEqual([]);
  });

  it('fails for a TPM on a host with PROVIDER, with the reason, both with a secret and with storage', () => {
    const { PROVIDER } = LibvirtDriver;
    const withStorage = (stack: TerraformStack): void => {
      const scene = new Scene(stack, PROVIDER);
      const storage = new CephRbdStoragePool(stack, 'st', { host: scene.host, cluster: scene.cluster });
      scene.vm('web1', { storage, tpm: true });
    };
    for (const build of [withProps({ tpm: true }, PROVIDER), withStorage]) {
      const error = refusal(build);
      expect(error.violations.map(({ code }) => code)).toEqual(['tpm-driver']);
      expect(error.message).toContain(
        "'tpm' must not be used with LibvirtDriver.PROVIDER, got true: there every change replaces the VM, which deletes the state of its TPM",
      );
    }
    expect(codesOf(withProps({ tpm: true }, LibvirtDriver.VIRSH))).toEqual([]);
  });
});
