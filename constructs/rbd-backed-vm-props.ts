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
   * Cores per socket, 1 or more.
   * @default 1
   */
  readonly cores?: number;
  /**
   * Threads per core, 1 or more.
   * @default 1
   */
  readonly threads?: number;
}

/**
 * Properties of an `RbdBackedVm`. "A change is a restart" means that it takes effect at the guest's next boot (VIRSH),
 * or replaces the VM around its disks (PROVIDER).
 */
export interface RbdBackedVmProps {
  /**
   * The storage pool whose host, client and secret the VM uses; it need not be active. Give this or `secret`.
   * @default - `secret` is given
   */
  readonly storage?: ICephRbdStoragePool;
  /**
   * The secret whose host and client the VM uses. Give this or `storage`.
   * @default - `storage` is given
   */
  readonly secret?: ILibvirtCephSecret;
  /**
   * Letters, digits, '_', '.', '+' and '-', up to 96. Another name is another VM.
   * @default - the construct's id
   */
  readonly vmName?: string;
  /**
   * Free text. A change touches nothing in the guest.
   * @default - none
   */
  readonly description?: string;
  /** Virtual CPUs, 1 to 4096. A change is a restart; VIRSH changes them live up to `maxVcpus`. */
  readonly vcpus: number;
  /**
   * Virtual CPUs that the VM can get while it runs, at least `vcpus`. A change is a restart.
   * @default - vcpus
   */
  readonly maxVcpus?: number;
  /** Memory, above zero. A change is a restart; VIRSH changes it live up to `maxMemory`. */
  readonly memory: Size;
  /**
   * Memory that the VM can get while it runs, at least `memory`. A change is a restart.
   * @default - memory
   */
  readonly maxMemory?: Size;
  /** The boot disk. An image created for it is named '<vm>-root'. */
  readonly rootDisk: VmDiskProps;
  /**
   * More disks. A disk that is removed from the code is detached, and its image is handled according to its removal
   * policy.
   * @default - none
   */
  readonly dataDisks?: VmDiskProps[];
  /**
   * Network interfaces, in order.
   * @default - none
   */
  readonly networkInterfaces?: NetworkInterfaceProps[];
  /**
   * What cloud-init in the guest gets, on a CD that is an RBD image, '<vm>-seed'. With either driver the guest reads a
   * change at its next boot, and no VM stops for it. Give this or `ignition`.
   * @default - none
   */
  readonly cloudInit?: CloudInitProps;
  /**
   * An Ignition config, as a string or object, for Fedora CoreOS and Flatcar: on the same CD, for their Proxmox VE and
   * KubeVirt images. Ignition reads it only at the first boot. Give this, `ignitionFile` or `cloudInit`.
   * @default - none
   * @see https://coreos.github.io/ignition/supported-platforms/
   */
  readonly ignition?: string | { [key: string]: unknown };
  /**
   * A file with an Ignition config on the host, for the images of Fedora CoreOS and Flatcar for QEMU, which read it by
   * QEMU's fw_cfg. You put it on every host that the VM starts on: absolute, without commas, readable by QEMU. Ignition
   * reads it only at the first boot. A change takes effect at the next boot.
   * @default - none
   * @see https://coreos.github.io/ignition/supported-platforms/
   */
  readonly ignitionFile?: string;
  /**
   * How the VM runs. A change is a restart.
   * @default - the host's
   */
  readonly domainType?: DomainType;
  /**
   * libvirt's name of the processor architecture: 'x86_64', 'aarch64'. The host must have QEMU for it. A change is a
   * restart, which hardly any guest survives.
   * @default 'x86_64'
   */
  readonly architecture?: string;
  /**
   * QEMU machine: 'q35', 'pc', 'virt', or a versioned one. A change is a restart and may rename devices in the guest.
   * @default - 'q35'; 'virt' if the architecture is not x86_64
   */
  readonly machineType?: string;
  /**
   * libvirt's CPU mode: 'host-passthrough', 'host-model', 'custom' or 'maximum'. A change is a restart.
   * @default - with KVM 'host-model' on x86_64 and 'host-passthrough' elsewhere; otherwise QEMU's default
   * @see https://libvirt.org/formatdomain.html#cpu-model-and-topology
   */
  readonly cpuMode?: string;
  /**
   * CPU model for the mode 'custom'. A change is a restart.
   * @default - none
   */
  readonly cpuModel?: string;
  /**
   * Sockets, cores and threads that the guest sees, for licences and schedulers; their product must be `maxVcpus`. A
   * change is a restart.
   * @default - one socket per virtual CPU
   */
  readonly cpuTopology?: CpuTopology;
  /**
   * CPU features by libvirt's names: true for those that the host must have, false for those to hide from the guest:
   * `{ vmx: false, pcid: true }`. A change is a restart.
   * @default - those of the model
   */
  readonly cpuFeatures?: { [feature: string]: boolean };
  /**
   * Use the host's huge pages of that size, which must be reserved there ('vm.nr_hugepages'): faster, and all memory is
   * allocated at the start. A change is a restart.
   * @default - ordinary pages
   * @see https://libvirt.org/formatdomain.html#memory-backing
   */
  readonly hugePageSize?: Size;
  /**
   * A memory balloon: lets `memory` change live, and tells the host what the guest uses. A change is a restart.
   * @default true
   */
  readonly ballooning?: boolean;
  /**
   * The firmware; the host's libvirt chooses the file (Debian: `ovmf`). A change from BIOS is a restart, which the
   * guest must support. VIRSH refuses a change from UEFI, because the variables hold other keys, and says what to do.
   * With VIRSH the variables (boot entries, keys) survive every change, but are lost when the VM leaves the code or
   * moves to another host, and no snapshot includes them: see `nvram`. With PROVIDER every replace resets them.
   * @default - Firmware.BIOS; Firmware.UEFI if the architecture is not x86_64
   * @see https://libvirt.org/formatdomain.html#bios-bootloader
   */
  readonly firmware?: Firmware;
  /**
   * With Firmware.UEFI_SECURE_BOOT: whether the vendors' keys are enrolled, so that only what they signed boots.
   * Without them, secure boot is off until somebody enrols keys in the guest. A change counts as a change of
   * `firmware`.
   * @default true
   */
  readonly enrolledKeys?: boolean;
  /**
   * An image for the UEFI variables, instead of a file on the host, so that they move with the VM. Refused with
   * `LibvirtDriver.PROVIDER`, which (0.9.7) fails on it. Create it from the firmware's template,
   * `ImageSource.file('OVMF_VARS_4M.fd', { format: 'raw' })`, with exactly its size. A change takes effect at the next
   * boot, which has the variables of the new image.
   * @default - a file on the host, which libvirt creates from the template
   */
  readonly nvram?: IRbdImage;
  /**
   * A TPM 2.0 (the host needs `swtpm`). Its state is kept on the host across changes, and deleted when the VM leaves
   * the code or the host. A change is a restart. Always refused with `LibvirtDriver.PROVIDER`: every change replaces
   * the VM there, which deletes the state of its TPM.
   * @default false
   * @see https://libvirt.org/formatdomain.html#tpm-device
   */
  readonly tpm?: boolean;
  /**
   * File on the host for the output of the guest's serial console; its folder must exist. Not
   * '/var/log/libvirt/qemu/<vm>.log', which is libvirt's own. A change is a restart.
   * @default - the console is not logged
   */
  readonly serialLogFile?: string;
  /**
   * A VNC console on the host's loopback, without a password, because the state would contain it. Connect with
   * `virt-viewer --connect qemu+ssh://HOST/system NAME`, or through an ssh tunnel. A change is a restart.
   * @default false
   */
  readonly vnc?: boolean;
  /**
   * A SPICE console, under the same conditions as `vnc`. A change is a restart.
   * @default false
   */
  readonly spice?: boolean;
  /**
   * A channel for QEMU's guest agent. A change is a restart; it is live (VIRSH) if the running VM has a virtio-serial
   * controller, which libvirt only adds at a boot.
   * @default false
   */
  readonly guestAgent?: boolean;
  /**
   * A virtio random number generator, fed from the host's /dev/urandom. A change is a restart.
   * @default true
   */
  readonly rng?: boolean;
  /**
   * A watchdog (i6300esb), and what happens when the guest stops feeding it. A change is a restart.
   * @default - none
   * @see https://libvirt.org/formatdomain.html#watchdog-devices
   */
  readonly watchdog?: WatchdogAction;
  /**
   * Host devices that are passed through to the guest. A change is live if guest and device support it (VIRSH),
   * otherwise a restart.
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
   * How long the guest may take to shut down before it is switched off; above zero.
   * @default Duration.minutes(2)
   */
  readonly shutdownTimeout?: Duration;
  /**
   * With VIRSH: what a change that needs a restart does.
   * @default RestartPolicy.NEXT_BOOT
   */
  readonly restartPolicy?: RestartPolicy;
}

/** The firmware of a VM. */
export enum Firmware {
  BIOS = 'bios',
  /** UEFI without secure boot. */
  UEFI = 'uefi',
  /** UEFI that only starts what is signed with a key in its variables; only on 'q35'. */
  UEFI_SECURE_BOOT = 'uefi-secure-boot',
}

/** What happens to a guest that stops feeding its watchdog. */
export enum WatchdogAction {
  RESET = 'reset',
  SHUTDOWN = 'shutdown',
  POWEROFF = 'poweroff',
  PAUSE = 'pause',
  /** The host writes the guest's memory to a file, and the guest continues. */
  DUMP = 'dump',
  INJECT_NMI = 'inject-nmi',
  NONE = 'none',
}

/** What a change that needs a restart does (VIRSH). */
export enum RestartPolicy {
  /** It waits for the guest's next cold boot, and says so. */
  NEXT_BOOT = 'next-boot',
  /** The apply shuts the guest down and starts it again. */
  NOW = 'now',
}
