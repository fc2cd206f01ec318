import type { ClusterSpec, HostSpec } from '../connection';
import type { XmlFragment } from '../xml-fragment';
import type { DiskAccess, DiskSpec } from './disk';
import type { ObjectSpec, Removal } from './object';

/** Exactly one of the first three is set. */
export interface NetworkInterfaceSpec {
  readonly network?: string;
  readonly bridge?: string;
  readonly macvtap?: string;
  readonly vlan?: number;
  /** For an Open vSwitch bridge: the interface id of the port. */
  readonly openVSwitch?: string;
  readonly macAddress: string;
  readonly model: string;
  readonly queues?: number;
  readonly mtu?: number;
  readonly trustGuestRxFilters?: boolean;
  readonly bootIndex?: number;
  readonly linkUp?: boolean;
}
/** A host device that is passed through to the guest; exactly one of the first three is set. */
export interface HostDeviceSpec {
  /** "0000:3b:00.0" */
  readonly pci?: string;
  /** The UUID of a mediated device. */
  readonly mdev?: string;
  /** "0781:5567", vendor and product. */
  readonly usb?: string;
  /** For a mediated device, 'vfio-pci'. */
  readonly model?: string;
}
export interface CpuTopologySpec {
  readonly sockets: number;
  readonly cores: number;
  readonly threads: number;
}
/** What either driver makes libvirt's definition of a VM from. */
export interface DomainDefinition extends DiskAccess {
  readonly name: string;
  readonly uuid: string;
  readonly description?: string;
  readonly domainType: 'kvm' | 'qemu';
  /** @default 'x86_64' */
  readonly architecture?: string;
  readonly machineType?: string;
  /** @default 'bios' */
  readonly firmware?: 'bios' | 'uefi' | 'uefi-secure-boot';
  /** For secure boot: false if the guest's owner enrols their own. @default true */
  readonly enrolledKeys?: boolean;
  /** "pool/image" with the UEFI variables; otherwise a file on the host. */
  readonly nvram?: string;
  readonly tpm?: boolean;
  readonly cpuMode?: string;
  readonly cpuModel?: string;
  readonly cpuTopology?: CpuTopologySpec;
  /** True: required; false: hidden from the guest. */
  readonly cpuFeatures?: { readonly [feature: string]: boolean };
  readonly vcpus: number;
  readonly maxVcpus?: number;
  readonly memory: string;
  readonly maxMemory?: string;
  readonly hugePageSize?: string;
  /** @default true */
  readonly ballooning?: boolean;
  /** By target, "vda". */
  readonly disks: { readonly [target: string]: DiskSpec };
  readonly networkInterfaces?: readonly NetworkInterfaceSpec[];
  /** A file on the host that the guest reads by QEMU's fw_cfg. */
  readonly ignitionFile?: string;
  readonly serialLogFile?: string;
  readonly vnc?: boolean;
  readonly spice?: boolean;
  readonly guestAgent?: boolean;
  /** @default true */
  readonly rng?: boolean;
  readonly watchdog?: 'reset' | 'poweroff' | 'shutdown' | 'pause' | 'none' | 'dump' | 'inject-nmi';
  readonly hostDevices?: readonly HostDeviceSpec[];
  /** What has no field; VIRSH only. */
  readonly xml?: readonly XmlFragment[];
}
export interface DomainSpec extends ObjectSpec, DomainDefinition {
  /** The ids of the registry entries of its data disks, by target; the entries detach them. */
  readonly diskEntryIds?: { readonly [target: string]: string };
  readonly host: HostSpec;
  readonly cluster: ClusterSpec;
  readonly running: boolean;
  readonly autostart: boolean;
  readonly shutdownTimeout: string;
  readonly restartPolicy: 'next-boot' | 'now';
  /** 'provider': the Terraform provider defines it; `ensure` clears its name and waits for its images. */
  readonly driver: 'provider' | 'virsh';
}
export interface DomainRemoval extends Removal {
  readonly host: HostSpec;
  readonly name: string;
  readonly uuid: string;
  readonly shutdownTimeout: string;
}

/** PROVIDER: a VM that the provider is about to delete. */
export interface DomainStopRemoval extends DomainRemoval {
  /** The id of the VM's own registry entry, which its mark contains. */
  readonly domainEntryId: string;
  /** Its resource and this entry, which `terraform state rm` removes to make a state forget the VM. */
  readonly addresses: readonly string[];
}
