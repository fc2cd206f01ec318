export { CephClient } from './ceph-client';
export type { CephClientAttributes, CephClientProps } from './ceph-client';
export { CephClientConfig } from './ceph-client-config';
export type { CephClientConfigProps } from './ceph-client-config';
export { CephCluster } from './ceph-cluster';
export type { CephClusterProps } from './ceph-cluster';
export { CephPool, PgAutoscaleMode } from './ceph-pool';
export type { CephPoolAttributes, CephPoolProps } from './ceph-pool';
export { CephRbdStoragePool } from './ceph-rbd-storage-pool';
export type { CephRbdStoragePoolAttributes, CephRbdStoragePoolProps } from './ceph-rbd-storage-pool';
export type { CloudInitProps } from './cloud-init';
export { Duration } from '../lib/duration';
export { HostDevice } from './host-device';
export type { MediatedDeviceOptions } from './host-device';
export { ImageSource } from './image-source';
export type { ChecksumOptions, CloneSourceOptions, FileSourceOptions, UrlSourceOptions } from './image-source';
export type {
  ICephClient,
  ICephCluster,
  ICephPool,
  ICephRbdStoragePool,
  ILibvirtCephSecret,
  IRbdImage,
  IRbdSnapshot,
} from './interfaces';
export { LibvirtCephSecret } from './libvirt-ceph-secret';
export type { LibvirtCephSecretAttributes, LibvirtCephSecretProps } from './libvirt-ceph-secret';
export { DomainType, LibvirtDriver, LibvirtHost } from './libvirt-host';
export type { LibvirtHostProps } from './libvirt-host';
export type { NetworkInterfaceProps } from './network-interface';
export { NetworkSource } from './network-source';
export type { BridgeOptions } from './network-source';
export { RbdBackedVm } from './rbd-backed-vm';
export { Firmware, RestartPolicy, WatchdogAction } from './rbd-backed-vm-props';
export type { CpuTopology, RbdBackedVmProps } from './rbd-backed-vm-props';
export { RbdDiskAttachment } from './rbd-disk-attachment';
export type { RbdDiskAttachmentProps } from './rbd-disk-attachment';
export { RbdImage } from './rbd-image';
export type { RbdImageAttributes } from './rbd-image';
export type { RbdImageProps } from './rbd-image-props';
export { RbdSnapshot } from './rbd-snapshot';
export type { RbdSnapshotAttributes, RbdSnapshotProps } from './rbd-snapshot';
export { RemovalPolicy } from './removal-policy';
export { Size } from '../lib/size';
export { Transport } from './transport';
export type { SshTransportOptions } from './transport';
export { ValidationError } from '../lib/errors';
export type { Violation } from '../lib/errors';
export { DiskBus, DiskCache } from './vm-disk';
export type { VmDiskProps, VmDiskQos } from './vm-disk';
