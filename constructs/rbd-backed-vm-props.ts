import type { Duration } from '../lib/duration';
import type { Size } from '../lib/size';
import type { CloudInitProps } from './cloud-init';
import type { HostDevice } from './host-device';
import type { DomainType } from './libvirt-host';
import type { NetworkInterfaceProps } from './network-interface';
import type { VmDiskProps } from './vm-disk';
import type { ICephRbdStoragePool, ILibvirtCephSecret, IRbdImage } from './interfaces';

/** How the guest sees its virtual CPUs. */
export interface CpuTopology {
  /**
   * Sockets, 1 or more.
   * @default 1
   */
  readonly sockets?: number;
  /**
   * Cores of a socket, 1 or more.
   * @default 1
   */
  readonly cores?: number;
  /**
   * Threads of a core, 1 or more.
   * @default 1
   */
  readonly threads?: number;
}

/** Properties of an `RbdBackedVm`. "Restart" means: at the guest's next boot (VIRSH), or a replace of the VM around its disks (PROVIDER). */
export interface RbdBackedVmProps {
  /**
   * The storage pool whose host, client and secret the VM uses. It need not be active. This or `secret`.
   * @default - `secret` is given
   */
  readonly storage?: ICephRbdStoragePool;
  /**
   * The secret whose host and client the VM uses. This or `storage`.
   * @default - `storage` is given
   */
  readonly secret?: ILibvirtCephSecret;
  /**
   * Letters, digits, '_', '.', '+' and '-', up to 96. Another name is another VM.
   * @default - the construct's id
   */
  readonly vmName?: string;
  /**
   * Free text for people. A change touches nothing in the guest.
   * @default - none
   */
  readonly description?: string;
  /** Virtual CPUs, 1 to 4096. A change is a restart; up to `maxVcpus` VIRSH changes them live. */
  readonly vcpus: number;
  /**
   * Virtual CPUs that the VM can be given while it runs, at least `vcpus`. A change is a restart.
   * @default - vcpus
   */
  readonly maxVcpus?: number;
  /** Memory, above zero. A change is a restart; up to `maxMemory` VIRSH changes it live. */
  readonly memory: Size;
  /**
   * Memory that the VM can be given while it runs, at least `memory`. A change is a restart.
   * @default - memory
   */
  readonly maxMemory?: Size;
  /** The disk that it boots from. An image made for it is named '<vm>-root'. */
  readonly rootDisk: VmDiskProps;
  /**
   * Further disks. One taken out of the code is detached and its image goes by its removal policy.
   * @default - none
   */
  readonly dataDisks?: VmDiskProps[];
  /**
   * Network interfaces, in order.
   * @default - none
   */
  readonly networkInterfaces?: NetworkInterfaceProps[];
  /**
   * What cloud-init in the guest is given, on a CD that is an RBD image, '<vm>-seed'. A change is read at the guest's next
   * boot, with either driver, and no VM stops for it. This or `ignition`.
   * @default - none
   */
  readonly cloudInit?: CloudInitProps;
  /**
   * An Ignition config, as text or object, for Fedora CoreOS and Flatcar: on the same CD, for their Proxmox VE and KubeVirt
   * images. Ignition reads it at the first boot only. This or `cloudInit`.
   * @default - none
   * @see https://coreos.github.io/ignition/supported-platforms/
   */
  readonly ignition?: string | { [key: string]: unknown };
  /**
   * How the VM runs. A change is a restart.
   * @default - the host's
   */
  readonly domainType?: DomainType;
  /**
   * The processor's architecture, by libvirt's name: 'x86_64', 'aarch64'. The host must have its QEMU. A change is a restart,
   * for which hardly any guest is made.
   * @default 'x86_64'
   */
  readonly architecture?: string;
  /**
   * QEMU's machine: 'q35', 'pc', 'virt', or a versioned one. A change is a restart and may rename devices in the guest.
   * @default - 'q35'; 'virt' where the architecture is not x86_64
   */
  readonly machineType?: string;
  /**
   * libvirt's CPU mode: 'host-passthrough', 'host-model', 'custom' or 'maximum'. A change is a restart.
   * @default - 'host-model' with KVM (elsewhere than on x86_64 'host-passthrough'), else QEMU's own
   * @see https://libvirt.org/formatdomain.html#cpu-model-and-topology
   */
  readonly cpuMode?: string;
  /**
   * CPU model of the mode 'custom'. A change is a restart.
   * @default - none
   */
  readonly cpuModel?: string;
  /**
   * What the guest sees of sockets, cores and threads, for licences and schedulers; their product is `maxVcpus`. A change is
   * a restart.
   * @default - a socket for each virtual CPU
   */
  readonly cpuTopology?: CpuTopology;
  /**
   * Features of the processor by libvirt's names, true for those that the host must have, false for those hidden from the
   * guest: `{ vmx: false, pcid: true }`. A change is a restart.
   * @default - those of the model
   */
  readonly cpuFeatures?: { [feature: string]: boolean };
  /**
   * Memory from the host's huge pages of that size, which must be set aside there ('vm.nr_hugepages'): faster, and taken
   * whole at the start. A change is a restart.
   * @default - ordinary pages
   * @see https://libvirt.org/formatdomain.html#memory-backing
   */
  readonly hugePageSize?: Size;
  /**
   * A balloon, by which `memory` changes live and the host learns what the guest uses. A change is a restart.
   * @default true
   */
  readonly ballooning?: boolean;
  /**
   * What the guest starts with; the host's libvirt chooses the file (Debian: `ovmf`). A change from BIOS is a restart, which
   * the guest must be made for; from UEFI to another one VIRSH refuses, as the variables hold other keys, and says what to
   * do. With VIRSH the variables (boot entries, keys) stay over every change but are lost when the VM leaves the code or
   * moves to another host, and no snapshot has them: see `nvram`. With PROVIDER every replace resets them.
   * @default - Firmware.BIOS; Firmware.UEFI where the architecture is not x86_64
   * @see https://libvirt.org/formatdomain.html#bios-bootloader
   */
  readonly firmware?: Firmware;
  /**
   * With Firmware.UEFI_SECURE_BOOT: whether the vendors' keys are enrolled, so that what they signed boots, and nothing
   * else. Without, secure boot is off until somebody in the guest enrols keys. A change counts as one of `firmware`.
   * @default true
   */
  readonly enrolledKeys?: boolean;
  /**
   * An image for the UEFI's variables instead of a file on the host: they move with the VM. Refused with
   * `LibvirtDriver.PROVIDER`, which (0.9.7) fails on it. Make it from the firmware's template, `ImageSource.file('OVMF_VARS_4M.fd', { format: 'raw' })`, in its
   * exact size. A change takes effect at the next boot, which has the variables of the new image.
   * @default - a file on the host, made from the template by libvirt
   */
  readonly nvram?: IRbdImage;
  /**
   * A TPM 2.0 (the host needs `swtpm`). Its state is kept on the host over every change, and goes when the VM leaves the code
   * or the host. A change is a restart. Refused for good with `LibvirtDriver.PROVIDER`: every change of a VM replaces it
   * there, which deletes the state of its TPM.
   * @default false
   * @see https://libvirt.org/formatdomain.html#tpm-device
   */
  readonly tpm?: boolean;
  /**
   * File on the host that gets what the guest writes to its serial console; the folder must be there. Not
   * '/var/log/libvirt/qemu/<vm>.log', which is libvirt's own. A change is a restart.
   * @default - the console is not logged
   */
  readonly serialLogFile?: string;
  /**
   * A VNC console on the host's loopback, without a password, as any would stand in the state: come by
   * `virt-viewer --connect qemu+ssh://HOST/system NAME`, or a tunnel by ssh. A change is a restart.
   * @default false
   */
  readonly vnc?: boolean;
  /**
   * A SPICE console, on the same terms as `vnc`. A change is a restart.
   * @default false
   */
  readonly spice?: boolean;
  /**
   * A channel for QEMU's guest agent. A change is a restart; live (VIRSH) where the VM that runs has a virtio-serial
   * controller, which libvirt plugs in by no other way than a boot.
   * @default false
   */
  readonly guestAgent?: boolean;
  /**
   * Random numbers for the guest from the host's /dev/urandom, by virtio. A change is a restart.
   * @default true
   */
  readonly rng?: boolean;
  /**
   * A watchdog (i6300esb), and what happens when the guest no longer feeds it. A change is a restart.
   * @default - none
   * @see https://libvirt.org/formatdomain.html#watchdog-devices
   */
  readonly watchdog?: WatchdogAction;
  /**
   * Devices of the host that the guest has to itself. A change is live where guest and device can (VIRSH), else a restart.
   * @default - none
   */
  readonly hostDevices?: HostDevice[];
  /**
   * Whether the VM runs after an apply.
   * @default true
   */
  readonly running?: boolean;
  /**
   * Whether libvirt starts the VM when the host boots.
   * @default false
   */
  readonly autostart?: boolean;
  /**
   * How long the guest may take to shut down before it is switched off, above zero.
   * @default Duration.minutes(2)
   */
  readonly shutdownTimeout?: Duration;
  /**
   * What a change that needs a restart does, with VIRSH.
   * @default RestartPolicy.NEXT_BOOT
   */
  readonly restartPolicy?: RestartPolicy;
}

/** What firmware the VM starts with. */
export enum Firmware {
  BIOS = 'bios',
  /** UEFI without secure boot. */
  UEFI = 'uefi',
  /** UEFI that starts what is signed by a key in its variables; 'q35' only. */
  UEFI_SECURE_BOOT = 'uefi-secure-boot',
}

/** What happens to a guest that no longer feeds its watchdog. */
export enum WatchdogAction {
  RESET = 'reset',
  SHUTDOWN = 'shutdown',
  POWEROFF = 'poweroff',
  PAUSE = 'pause',
  /** The host writes the guest's memory to a file and the guest goes on. */
  DUMP = 'dump',
  INJECT_NMI = 'inject-nmi',
  NONE = 'none',
}

/** What a change that needs a restart does (VIRSH). */
export enum RestartPolicy {
  /** It waits for the guest's next boot from cold, and says so. */
  NEXT_BOOT = 'next-boot',
  /** The guest is shut down and started again by the apply. */
  NOW = 'now',
}
