import type { Duration } from '../lib/duration';
import type { Size } from '../lib/size';
import type { CloudInitProps } from './cloud-init';
import type { ICephRbdStoragePool } from './ceph-rbd-storage-pool';
import type { ILibvirtCephSecret } from './libvirt-ceph-secret';
import type { DomainType } from './libvirt-host';
import type { NetworkInterfaceProps } from './network-interface';
import type { VmDiskProps } from './vm-disk';

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
   * QEMU's machine: 'q35', 'pc', or a versioned one. A change is a restart and may rename devices in the guest.
   * @default 'q35'
   */
  readonly machineType?: string;
  /**
   * libvirt's CPU mode: 'host-passthrough', 'host-model', 'custom' or 'maximum'. A change is a restart.
   * @default - 'host-model' with KVM, else libvirt's
   */
  readonly cpuMode?: string;
  /**
   * CPU model of the mode 'custom'. A change is a restart.
   * @default - none
   */
  readonly cpuModel?: string;
  /**
   * UEFI is not built yet: a VM that asks for it is refused.
   * @default Firmware.BIOS
   */
  readonly firmware?: Firmware;
  /**
   * Refused for good with `LibvirtDriver.PROVIDER`: every change of a VM replaces it there, which deletes the state of its
   * TPM. Not built yet with VIRSH: a VM that asks for it is refused.
   * @default false
   */
  readonly tpm?: boolean;
  /**
   * File on the host that gets what the guest writes to its serial console; the folder must be there. Not
   * '/var/log/libvirt/qemu/<vm>.log', which is libvirt's own. A change is a restart.
   * @default - the console is not logged
   */
  readonly serialLogFile?: string;
  /**
   * A VNC console on the host's loopback. A change is a restart.
   * @default false
   */
  readonly vnc?: boolean;
  /**
   * A channel for QEMU's guest agent. A change is a restart.
   * @default false
   */
  readonly guestAgent?: boolean;
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
  /** Not built yet. */
  UEFI = 'uefi',
  /** Not built yet. */
  UEFI_SECURE_BOOT = 'uefi-secure-boot',
}

/** What a change that needs a restart does (VIRSH). */
export enum RestartPolicy {
  /** It waits for the guest's next boot from cold, and says so. */
  NEXT_BOOT = 'next-boot',
  /** The guest is shut down and started again by the apply. */
  NOW = 'now',
}
