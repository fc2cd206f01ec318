import type { ClusterSpec, HostSpec, OwnerSpec } from './connection';
import type { XmlFragment } from './xml-fragment';

/**
 * What crosses from synth to apply, one pair of types a kind: `...Spec` is what `ensure` and `verify` are given,
 * `...Removal` what `remove` is given. An amount is text with its unit ("20 GiB", "30 days"), as a plan shows it.
 */
export type RemovalPolicyName = 'retain' | 'trash' | 'delete';

/** In every spec of an object. */
export interface ObjectSpec {
  readonly v: 1;
  readonly owner: OwnerSpec;
  /** The id of the registry entry, which the mark names. */
  readonly entryId: string;
}

/** In every spec of a removal. */
export interface Removal {
  readonly v: 1;
  readonly owner: OwnerSpec;
  readonly entryId: string;
}

// ---- ceph-pool

export interface CephPoolSpec extends ObjectSpec {
  readonly cluster: ClusterSpec;
  readonly name: string;
  readonly pgNum?: number;
  readonly autoscaleMode?: 'on' | 'warn' | 'off';
  readonly bulk?: boolean;
  readonly size?: number;
  readonly minSize?: number;
  readonly crushRule?: string;
  readonly adopt?: boolean;
}
export interface CephPoolRemoval extends Removal {
  readonly cluster: ClusterSpec;
  readonly name: string;
  readonly removalPolicy: 'retain' | 'delete';
}

// ---- ceph-client

/** Capabilities by daemon type, as `ceph auth get` prints them; grants are separated by ", ". */
export type CapsSpec = {
  readonly mon?: string;
  readonly osd?: string;
  readonly mgr?: string;
};
export interface CephClientSpec extends ObjectSpec {
  readonly cluster: ClusterSpec;
  /** The cephx ID, "libvirt". */
  readonly id: string;
  readonly caps: CapsSpec;
  readonly keyGeneration?: number;
  readonly adopt?: boolean;
}
export interface CephClientRemoval extends Removal {
  readonly cluster: ClusterSpec;
  readonly id: string;
  readonly removalPolicy: 'retain' | 'delete';
}

// ---- rbd-image

/** What a guest reads at its boot: of each file a hash, by which a plan shows what changes; never its text. */
export interface SeedSpec {
  readonly files: { readonly [name: string]: string };
  /** How many values the files hold that only an apply has, such as a password by a variable. */
  readonly variables?: number;
}
/** Flat, so that a plan reads well: `source = { clone = "images/debian-12" }`. Exactly one of the first six is set. */
export interface ImageSourceSpec {
  readonly blank?: true;
  readonly file?: string;
  /** Without user, password and query, as is what follows. */
  readonly url?: string;
  /** A SHA256SUMS or SHA512SUMS that names the file. */
  readonly checksumUrl?: string;
  /** "pool/image" */
  readonly clone?: string;
  /** "pool/image@snapshot" */
  readonly snapshot?: string;
  readonly seed?: SeedSpec;
  readonly format?: string;
  readonly sha256?: string;
  readonly sha512?: string;
  readonly flatten?: boolean;
}
/** A VM's disk that shows an image: what has to hear of a new size. */
export interface ImageUserSpec {
  readonly host: HostSpec;
  readonly domain: string;
  readonly target: string;
}
export interface RbdImageSpec extends ObjectSpec {
  readonly cluster: ClusterSpec;
  readonly pool: string;
  readonly name: string;
  readonly source: ImageSourceSpec;
  /** The addresses of the source with all that may be secret in them, where there is such: in no plan, state or record. */
  readonly fetch?: { readonly url?: string; readonly checksumUrl?: string };
  /** Headers of the request for the source, in an apply alone: no state and no plan has them. */
  readonly fetchHeaders?: { readonly [name: string]: string };
  /** "20 GiB"; the source's when absent. */
  readonly size?: string;
  readonly dataPool?: string;
  readonly objectSize?: string;
  readonly features?: readonly string[];
  readonly adopt?: boolean;
  readonly users?: readonly ImageUserSpec[];
  /** Of a seed: where its text is, a file of the synthesized stack. */
  readonly seedFile?: string;
  /** The values that its text holds, in an apply alone: no state and no plan has them. */
  readonly seedValues?: readonly unknown[];
}
export interface RbdImageRemoval extends Removal {
  readonly cluster: ClusterSpec;
  readonly pool: string;
  readonly name: string;
  readonly removalPolicy: RemovalPolicyName;
  /** "30 days" */
  readonly trashExpiry?: string;
}

// ---- rbd-snapshot

export interface RbdSnapshotSpec extends ObjectSpec {
  readonly cluster: ClusterSpec;
  readonly pool: string;
  readonly image: string;
  readonly name: string;
}
export interface RbdSnapshotRemoval extends Removal {
  readonly cluster: ClusterSpec;
  readonly pool: string;
  readonly image: string;
  readonly name: string;
  readonly removalPolicy: 'retain' | 'delete';
}

// ---- ceph-secret

export interface CephSecretSpec extends ObjectSpec {
  readonly cluster: ClusterSpec;
  readonly host: HostSpec;
  readonly usage: string;
  readonly uuid: string;
  /** "client.libvirt" */
  readonly entity: string;
  readonly private: boolean;
  readonly keyGeneration?: number;
  readonly adopt?: boolean;
}
export interface CephSecretRemoval extends Removal {
  readonly host: HostSpec;
  readonly usage: string;
  readonly uuid: string;
  /** 'retain' where it was adopted. @default 'delete' */
  readonly removalPolicy?: 'retain' | 'delete';
}

// ---- client-config

export interface ClientConfigSpec extends ObjectSpec {
  readonly host: HostSpec;
  readonly entity: string;
  readonly confFile: string;
  readonly logFile?: string;
  readonly adminSocket?: string;
}
export interface ClientConfigRemoval extends Removal {
  readonly host: HostSpec;
  readonly entity: string;
  readonly confFile: string;
}

// ---- storage-pool

/** Everything that libvirt's definition of an rbd pool holds. */
export interface StoragePoolDefinition {
  readonly name: string;
  readonly uuid: string;
  /** The Ceph pool. */
  readonly cephPool: string;
  readonly monitors: readonly string[];
  /** The cephx ID. */
  readonly clientId: string;
  readonly secretUsage: string;
  /** Where it is known, as `virt-install` (4.1) finds the secret of a storage pool by its UUID only. */
  readonly secretUuid?: string;
}
export interface StoragePoolSpec extends ObjectSpec, StoragePoolDefinition {
  readonly host: HostSpec;
  readonly autostart: boolean;
  /** 'provider': the Terraform provider defines it; `ensure` only looks for what is in the way. */
  readonly driver: 'provider' | 'virsh';
}
export interface StoragePoolRemoval extends Removal, StoragePoolDefinition {
  readonly host: HostSpec;
}

// ---- disk

/** A total excludes reads and writes of their own, of the same kind. */
export interface QosSpec {
  readonly totalBytesPerSecond?: string;
  readonly readBytesPerSecond?: string;
  readonly writeBytesPerSecond?: string;
  readonly totalIops?: number;
  readonly readIops?: number;
  readonly writeIops?: number;
  readonly burstBytesPerSecond?: string;
  readonly burstIops?: number;
  /** "10 seconds" */
  readonly burstDuration?: string;
}
/** One RBD disk as a domain shows it. */
export interface DiskSpec {
  /** "pool/image" */
  readonly image: string;
  readonly bus: 'virtio' | 'scsi' | 'sata' | 'ide' | 'usb' | 'xen';
  readonly cdrom?: boolean;
  readonly readOnly?: boolean;
  readonly serial?: string;
  readonly wwn?: string;
  readonly bootIndex?: number;
  readonly cache?: 'none' | 'writeback' | 'writethrough' | 'directsync' | 'unsafe';
  readonly discard?: boolean;
  readonly detectZeroes?: boolean;
  readonly ioThread?: boolean;
  readonly queues?: number;
  readonly qos?: QosSpec;
}
/** How a disk reaches its cluster. */
export interface DiskAccess {
  readonly monitors: readonly string[];
  /** The cephx ID. */
  readonly clientId: string;
  readonly secretUsage: string;
}
/** RbdDiskAttachment: one disk on a VM that this stack did not make. */
export interface DiskAttachmentSpec extends ObjectSpec, DiskAccess {
  readonly host: HostSpec;
  readonly cluster: ClusterSpec;
  readonly domain: string;
  readonly target: string;
  readonly disk: DiskSpec;
}
/** Of an attachment, and of a data disk of a VM of this stack. */
export interface DiskRemoval extends Removal {
  readonly host: HostSpec;
  readonly domain: string;
  readonly target: string;
  readonly image: string;
}

// ---- domain

/** Exactly one of the first three is set. */
export interface NetworkInterfaceSpec {
  readonly network?: string;
  readonly bridge?: string;
  readonly macvtap?: string;
  readonly vlan?: number;
  /** A bridge of Open vSwitch: the id by which it knows the port. */
  readonly openVSwitch?: string;
  readonly macAddress: string;
  readonly model: string;
  readonly queues?: number;
  readonly mtu?: number;
  readonly trustGuestRxFilters?: boolean;
  readonly bootIndex?: number;
  readonly linkUp?: boolean;
}
/** A device of the host that the guest has to itself; exactly one of the first three is set. */
export interface HostDeviceSpec {
  /** "0000:3b:00.0" */
  readonly pci?: string;
  /** The UUID of a mediated device. */
  readonly mdev?: string;
  /** "0781:5567", vendor and product. */
  readonly usb?: string;
  /** Of a mediated device, 'vfio-pci'. */
  readonly model?: string;
}
export interface CpuTopologySpec {
  readonly sockets: number;
  readonly cores: number;
  readonly threads: number;
}
/** What libvirt's definition of a VM is made from, by either driver. */
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
  /** Of secure boot: false where the guest's owner enrols his own. @default true */
  readonly enrolledKeys?: boolean;
  /** "pool/image" with the UEFI's variables; else a file on the host. */
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
  /** The ids of the registry entries of its data disks, by target: what they are taken off by. */
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

// ---- domain-stop

/** PROVIDER: a VM that the provider is about to delete. */
export interface DomainStopRemoval extends Removal {
  readonly host: HostSpec;
  readonly name: string;
  readonly shutdownTimeout: string;
  /** The id of the VM's own registry entry, which its mark names. */
  readonly domainEntryId: string;
  /** Its resource and this entry, by which a state forgets the VM: as `terraform state rm` takes them. */
  readonly addresses: readonly string[];
}
