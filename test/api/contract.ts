// The public names as stacks elsewhere use them. What stands here is not renamed or narrowed; optional props may be
// added to the real ones. Values that only we make (a Size, an enum's member) are the real types, as no one else can
// make them.
import type { TerraformResource } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';
import type * as real from 'cdktf-libvirt-ceph';

type New<Props, Instance> = new (scope: Construct, id: string, props: Props) => Instance;
type From<Attributes, Result> = (scope: Construct, id: string, attrs: Attributes) => Result;

// ---- values

export interface SizeStatics {
  bytes: (n: number) => Size & real.Size;
  kibibytes: (n: number) => Size & real.Size;
  mebibytes: (n: number) => Size & real.Size;
  gibibytes: (n: number) => Size & real.Size;
  tebibytes: (n: number) => Size & real.Size;
}
export interface Size {
  toString: () => string;
}
export interface DurationStatics {
  seconds: (n: number) => real.Duration;
  minutes: (n: number) => real.Duration;
  days: (n: number) => real.Duration;
}
export interface SshOptions {
  readonly port?: number;
  readonly identityFile?: string;
  readonly jumpHost?: string;
  readonly sudo?: boolean;
}
export interface TransportStatics {
  local: () => real.Transport;
  ssh: (destination: string, options?: SshOptions) => real.Transport;
  command: (prefix: string[]) => real.Transport;
}
export interface FileOptions {
  readonly format?: string;
  readonly sha256?: string;
  readonly sha512?: string;
}
export interface CloneOptions {
  readonly flatten?: boolean;
}
export interface ImageSourceStatics {
  blank: () => real.ImageSource;
  file: (path: string, options?: FileOptions) => real.ImageSource;
  url: (url: string, options: FileOptions) => real.ImageSource;
  clone: (image: IRbdImage, options?: CloneOptions) => real.ImageSource;
  snapshot: (snapshot: IRbdSnapshot, options?: CloneOptions) => real.ImageSource;
}
export interface BridgeOptions {
  readonly vlan?: number;
}
export interface NetworkSourceStatics {
  network: (name: string) => real.NetworkSource;
  bridge: (name: string, options?: BridgeOptions) => real.NetworkSource;
  macvtap: (device: string) => real.NetworkSource;
}
export interface Enums {
  LibvirtDriver: { PROVIDER: 'provider'; VIRSH: 'virsh' };
  DomainType: { KVM: 'kvm'; QEMU: 'qemu' };
  RemovalPolicy: { RETAIN: 'retain'; TRASH: 'trash'; DELETE: 'delete' };
  PgAutoscaleMode: { ON: 'on'; WARN: 'warn'; OFF: 'off' };
  DiskBus: { VIRTIO: 'virtio'; SCSI: 'scsi'; SATA: 'sata'; IDE: 'ide'; USB: 'usb'; XEN: 'xen' };
  DiskCache: {
    NONE: 'none';
    WRITEBACK: 'writeback';
    WRITETHROUGH: 'writethrough';
    DIRECTSYNC: 'directsync';
    UNSAFE: 'unsafe';
  };
  Firmware: { BIOS: 'bios'; UEFI: 'uefi'; UEFI_SECURE_BOOT: 'uefi-secure-boot' };
  RestartPolicy: { NEXT_BOOT: 'next-boot'; NOW: 'now' };
}

// ---- Ceph

export interface ICephCluster extends IConstruct {
  readonly monitors: readonly string[];
}
export interface CephClusterProps {
  readonly monitors: string[];
  readonly transport?: real.Transport;
  readonly confFile?: string;
  readonly adminId?: string;
  readonly keyringFile?: string;
}
export type CephClusterStatics = New<CephClusterProps, Construct & ICephCluster>;

export interface ICephPool extends IConstruct {
  readonly cluster: ICephCluster;
  readonly poolName: string;
  grantReadWrite: (client: ICephClient) => void;
  grantReadOnly: (client: ICephClient) => void;
}
export interface CephPoolProps {
  readonly cluster: ICephCluster;
  readonly poolName?: string;
  readonly pgNum?: number;
  readonly autoscaleMode?: real.PgAutoscaleMode;
  readonly bulk?: boolean;
  readonly size?: number;
  readonly minSize?: number;
  readonly crushRule?: string;
  readonly adopt?: boolean;
  readonly removalPolicy?: real.RemovalPolicy;
}
export interface CephPoolStatics extends New<CephPoolProps, Construct & ICephPool> {
  fromPoolName: From<{ readonly cluster: ICephCluster; readonly poolName: string }, ICephPool>;
}

export interface ICephClient extends IConstruct {
  readonly cluster: ICephCluster;
  readonly clientId: string;
  readonly entity: string;
}
export interface CephClientProps {
  readonly cluster: ICephCluster;
  readonly clientId?: string;
  readonly keyGeneration?: number;
  readonly adopt?: boolean;
  readonly removalPolicy?: real.RemovalPolicy;
}
export interface CephClientStatics extends New<CephClientProps, Construct & ICephClient> {
  fromClientId: From<{ readonly cluster: ICephCluster; readonly clientId: string }, ICephClient>;
}

// ---- images

export interface IRbdImage extends IConstruct {
  readonly pool: ICephPool;
  readonly imageName: string;
  readonly spec: string;
}
export interface RbdImageProps {
  readonly pool: ICephPool;
  readonly imageName?: string;
  readonly source?: real.ImageSource;
  readonly size?: real.Size;
  readonly dataPool?: ICephPool;
  readonly objectSize?: real.Size;
  readonly features?: string[];
  readonly adopt?: boolean;
  readonly removalPolicy?: real.RemovalPolicy;
  readonly trashExpiry?: real.Duration;
}
export interface RbdImageStatics extends New<RbdImageProps, Construct & IRbdImage> {
  fromImageName: From<{ readonly pool: ICephPool; readonly imageName: string }, IRbdImage>;
}
export interface IRbdSnapshot extends IConstruct {
  readonly image: IRbdImage;
  readonly snapshotName: string;
}
export interface RbdSnapshotProps {
  readonly image: IRbdImage;
  readonly snapshotName?: string;
  readonly removalPolicy?: real.RemovalPolicy;
}
export interface RbdSnapshotStatics extends New<RbdSnapshotProps, Construct & IRbdSnapshot> {
  fromSnapshotName: From<{ readonly image: IRbdImage; readonly snapshotName: string }, IRbdSnapshot>;
}

// ---- libvirt

export interface LibvirtHostProps {
  readonly uri: string;
  readonly driver?: real.LibvirtDriver;
  readonly domainType?: real.DomainType;
  readonly transport?: real.Transport;
}
export type LibvirtHostStatics = New<
  LibvirtHostProps,
  Construct & { readonly uri: string; readonly driver: real.LibvirtDriver }
>;
export interface ILibvirtCephSecret extends IConstruct {
  readonly host: real.LibvirtHost;
  readonly client: ICephClient;
  readonly usage: string;
}
export interface LibvirtCephSecretProps {
  readonly host: real.LibvirtHost;
  readonly client: ICephClient;
  readonly usage?: string;
  readonly private?: boolean;
  readonly adopt?: boolean;
}
export interface LibvirtCephSecretStatics extends New<
  LibvirtCephSecretProps,
  Construct & ILibvirtCephSecret & { readonly uuid: string }
> {
  fromUsage: From<
    { readonly host: real.LibvirtHost; readonly client: ICephClient; readonly usage: string },
    ILibvirtCephSecret
  >;
}
export interface ICephRbdStoragePool extends IConstruct {
  readonly storagePoolName: string;
  readonly pool: ICephPool;
  readonly client: ICephClient;
  readonly secret: ILibvirtCephSecret;
  readonly host: real.LibvirtHost;
}
export interface CephRbdStoragePoolProps {
  readonly host: real.LibvirtHost;
  readonly storagePoolName?: string;
  readonly autostart?: boolean;
  readonly pool?: ICephPool;
  readonly client?: ICephClient;
  readonly secret?: ILibvirtCephSecret;
  readonly cluster?: ICephCluster;
  readonly poolName?: string;
  readonly clientId?: string;
}
export interface CephRbdStoragePoolStatics extends New<
  CephRbdStoragePoolProps,
  Construct & ICephRbdStoragePool & { readonly poolResource?: TerraformResource }
> {
  fromStoragePoolName: From<
    { readonly secret: ILibvirtCephSecret; readonly pool: ICephPool; readonly storagePoolName: string },
    ICephRbdStoragePool
  >;
}
export interface CephClientConfigProps {
  readonly host: real.LibvirtHost;
  readonly client: ICephClient;
  readonly logFile?: string;
  readonly adminSocket?: string;
  readonly confFile?: string;
}
export type CephClientConfigStatics = New<CephClientConfigProps, Construct>;

// ---- VMs

export interface VmDiskQos {
  readonly totalBytesPerSecond?: real.Size;
  readonly totalIops?: number;
  readonly burstBytesPerSecond?: real.Size;
  readonly burstIops?: number;
}
export interface VmDiskProps {
  readonly image?: IRbdImage;
  readonly source?: real.ImageSource;
  readonly size?: real.Size;
  readonly bus?: real.DiskBus;
  readonly target?: string;
  readonly cdrom?: boolean;
  readonly readOnly?: boolean;
  readonly serial?: string;
  readonly bootIndex?: number;
  readonly cache?: real.DiskCache;
  readonly discard?: boolean;
  readonly detectZeroes?: boolean;
  readonly ioThread?: boolean;
  readonly qos?: VmDiskQos;
}
export interface NetworkInterfaceProps {
  readonly source: real.NetworkSource;
  readonly macAddress?: string;
  readonly model?: string;
  readonly linkUp?: boolean;
}
export interface CloudInitProps {
  readonly hostname?: string;
  readonly sshAuthorizedKeys?: string[];
  readonly userData?: string | { [key: string]: unknown };
  readonly networkConfig?: string | { [key: string]: unknown };
  readonly metaData?: { [key: string]: unknown };
  readonly vendorData?: string | { [key: string]: unknown };
}
export interface RbdBackedVmProps {
  readonly storage?: ICephRbdStoragePool;
  readonly secret?: ILibvirtCephSecret;
  readonly vmName?: string;
  readonly description?: string;
  readonly vcpus: number;
  readonly maxVcpus?: number;
  readonly memory: real.Size;
  readonly maxMemory?: real.Size;
  readonly rootDisk: VmDiskProps;
  readonly dataDisks?: VmDiskProps[];
  readonly networkInterfaces?: NetworkInterfaceProps[];
  readonly cloudInit?: CloudInitProps;
  readonly ignition?: string | { [key: string]: unknown };
  readonly domainType?: real.DomainType;
  readonly machineType?: string;
  readonly cpuMode?: string;
  readonly cpuModel?: string;
  readonly firmware?: real.Firmware;
  readonly tpm?: boolean;
  readonly serialLogFile?: string;
  readonly vnc?: boolean;
  readonly guestAgent?: boolean;
  readonly running?: boolean;
  readonly autostart?: boolean;
  readonly shutdownTimeout?: real.Duration;
  readonly restartPolicy?: real.RestartPolicy;
}
export interface RbdBackedVm extends Construct {
  readonly vmName: string;
  readonly host: real.LibvirtHost;
  readonly disks: readonly { readonly image: IRbdImage; readonly target: string }[];
  readonly macAddresses: readonly string[];
  addDisk: (props: VmDiskProps) => IRbdImage;
  addNetworkInterface: (props: NetworkInterfaceProps) => void;
  addXml: (fragment: string, parent?: string) => void;
  readonly domainResource?: TerraformResource;
}
export type RbdBackedVmStatics = New<RbdBackedVmProps, RbdBackedVm>;
export interface RbdDiskAttachmentProps {
  readonly secret: ILibvirtCephSecret;
  readonly vmName: string;
  readonly disk: VmDiskProps;
}
export type RbdDiskAttachmentStatics = New<RbdDiskAttachmentProps, Construct>;
export interface ValidationError extends Error {
  readonly code: string;
  readonly violations: readonly { readonly code: string; readonly path: string; readonly message: string }[];
}
