export type * from './generated';
export {
  DataLibvirtDomainInterfaceAddresses,
  DataLibvirtNodeDeviceInfo,
  DataLibvirtNodeDevices,
  DataLibvirtNodeInfo,
} from './data-sources';
export { Domain, Network } from './domain-and-network';
export { LibvirtProvider, PROVIDER_SOURCE, PROVIDER_VERSION_CONSTRAINT } from './provider';
export type { LibvirtProviderConfig } from './provider';
export type { Reference, ReferenceList } from './reference';
export { LibvirtDataSource, LibvirtResource } from './resource';
export type { Lifecycle, MetaArguments } from './resource';
export { CloudinitDisk, Combustion, Ignition } from './cloudinit-combustion-ignition';
export { Pool, Volume } from './pool-and-volume';
