// Compiled by `npm run typecheck`, never run: it fails to compile when a public name is missing, renamed or narrowed.
import type * as real from 'cdktf-libvirt-ceph';
import type * as contract from './contract';

type Function = (...args: never[]) => unknown;

/** What is called may take more and return more. Spelled out, as TypeScript compares methods' parameters both ways. */
type Callable<R, C> = R extends Function
  ? C extends Function
    ? [Parameters<C>] extends [Parameters<R>]
      ? [ReturnType<R>] extends [ReturnType<C>]
        ? true
        : 'it returns something else'
      : 'it takes less'
    : 'it is no longer a value'
  : 'it is no longer a function';

/** What users pass in: every prop is there and takes what it took, and nothing new is required. */
type Taken<R, C> = [C] extends [R]
  ? { [K in keyof C]-?: K extends keyof R ? ([C[K]] extends [R[K]] ? true : K) : K }[keyof C]
  : 'more is required than before';

/** What users are given: every member is there and is what it was. */
type Given<R, C> = {
  [K in keyof C]-?: K extends keyof R
    ? C[K] extends Function
      ? Callable<R[K], C[K]>
      : [R[K]] extends [C[K]]
        ? true
        : K
    : K;
}[keyof C];

/** An interface that users are given and may implement. */
type Both<R, C> = [R] extends [C] ? ([C] extends [R] ? Given<R, C> : 'more is required') : 'something is missing';

/** A class: its statics, what its constructor takes and what it makes. */
type Class<R, C> = C extends abstract new (...args: infer A) => infer I
  ? R extends abstract new (...args: infer B) => infer J
    ? [A] extends [B]
      ? Given<J, I> extends true
        ? [keyof C] extends [never]
          ? true
          : Given<R, C>
        : Given<J, I>
      : 'its constructor takes less'
    : 'it cannot be made'
  : never;

/** An enum: its members have their values; there may be more. */
type Enum<R, C> = {
  [K in keyof C]: K extends keyof R ? (R[K] extends string ? (`${R[K]}` extends C[K] ? true : K) : K) : K;
}[keyof C];

type Holds<T extends true> = T;
type Option<F extends Function> = NonNullable<Parameters<F>[1]>;

export type Values = [
  Holds<Given<typeof real.Size, contract.SizeStatics>>,
  Holds<Given<real.Size, contract.Size>>,
  Holds<Given<typeof real.Duration, contract.DurationStatics>>,
  Holds<Given<typeof real.Transport, contract.TransportStatics>>,
  Holds<Taken<Option<typeof real.Transport.ssh>, contract.SshOptions>>,
  Holds<Given<typeof real.ImageSource, contract.ImageSourceStatics>>,
  Holds<Taken<Option<typeof real.ImageSource.file>, contract.FileOptions>>,
  Holds<Taken<Option<typeof real.ImageSource.url>, contract.FileOptions>>,
  Holds<Taken<Option<typeof real.ImageSource.clone>, contract.CloneOptions>>,
  Holds<Taken<Option<typeof real.ImageSource.snapshot>, contract.CloneOptions>>,
  Holds<Given<typeof real.NetworkSource, contract.NetworkSourceStatics>>,
  Holds<Taken<Option<typeof real.NetworkSource.bridge>, contract.BridgeOptions>>,
  Holds<Enum<typeof real.LibvirtDriver, contract.Enums['LibvirtDriver']>>,
  Holds<Enum<typeof real.DomainType, contract.Enums['DomainType']>>,
  Holds<Enum<typeof real.RemovalPolicy, contract.Enums['RemovalPolicy']>>,
  Holds<Enum<typeof real.PgAutoscaleMode, contract.Enums['PgAutoscaleMode']>>,
  Holds<Enum<typeof real.DiskBus, contract.Enums['DiskBus']>>,
  Holds<Enum<typeof real.DiskCache, contract.Enums['DiskCache']>>,
  Holds<Enum<typeof real.Firmware, contract.Enums['Firmware']>>,
  Holds<Enum<typeof real.RestartPolicy, contract.Enums['RestartPolicy']>>,
  Holds<Given<real.ValidationError, contract.ValidationError>>,
];

export type Interfaces = [
  Holds<Both<real.ICephCluster, contract.ICephCluster>>,
  Holds<Both<real.ICephPool, contract.ICephPool>>,
  Holds<Both<real.ICephClient, contract.ICephClient>>,
  Holds<Both<real.IRbdImage, contract.IRbdImage>>,
  Holds<Both<real.IRbdSnapshot, contract.IRbdSnapshot>>,
  Holds<Both<real.ILibvirtCephSecret, contract.ILibvirtCephSecret>>,
  Holds<Both<real.ICephRbdStoragePool, contract.ICephRbdStoragePool>>,
];

export type Props = [
  Holds<Taken<real.CephClusterProps, contract.CephClusterProps>>,
  Holds<Taken<real.CephPoolProps, contract.CephPoolProps>>,
  Holds<Taken<real.CephClientProps, contract.CephClientProps>>,
  Holds<Taken<real.RbdImageProps, contract.RbdImageProps>>,
  Holds<Taken<ConstructorParameters<typeof real.RbdSnapshot>[2], contract.RbdSnapshotProps>>,
  Holds<Taken<real.LibvirtHostProps, contract.LibvirtHostProps>>,
  Holds<Taken<real.LibvirtCephSecretProps, contract.LibvirtCephSecretProps>>,
  Holds<Taken<real.CephRbdStoragePoolProps, contract.CephRbdStoragePoolProps>>,
  Holds<Taken<real.CephClientConfigProps, contract.CephClientConfigProps>>,
  Holds<Taken<real.VmDiskProps, contract.VmDiskProps>>,
  Holds<Taken<NonNullable<real.VmDiskProps['qos']>, contract.VmDiskQos>>,
  Holds<Taken<real.NetworkInterfaceProps, contract.NetworkInterfaceProps>>,
  Holds<Taken<real.CloudInitProps, contract.CloudInitProps>>,
  Holds<Taken<real.RbdBackedVmProps, contract.RbdBackedVmProps>>,
  Holds<Taken<real.RbdDiskAttachmentProps, contract.RbdDiskAttachmentProps>>,
];

export type Classes = [
  Holds<Class<typeof real.CephCluster, contract.CephClusterStatics>>,
  Holds<Class<typeof real.CephPool, contract.CephPoolStatics>>,
  Holds<Class<typeof real.CephClient, contract.CephClientStatics>>,
  Holds<Class<typeof real.RbdImage, contract.RbdImageStatics>>,
  Holds<Class<typeof real.RbdSnapshot, contract.RbdSnapshotStatics>>,
  Holds<Class<typeof real.LibvirtHost, contract.LibvirtHostStatics>>,
  Holds<Class<typeof real.LibvirtCephSecret, contract.LibvirtCephSecretStatics>>,
  Holds<Class<typeof real.CephRbdStoragePool, contract.CephRbdStoragePoolStatics>>,
  Holds<Class<typeof real.CephClientConfig, contract.CephClientConfigStatics>>,
  Holds<Class<typeof real.RbdBackedVm, contract.RbdBackedVmStatics>>,
  Holds<Class<typeof real.RbdDiskAttachment, contract.RbdDiskAttachmentStatics>>,
];
