import type { IConstruct } from 'constructs';
import type { LibvirtHost } from './libvirt-host';

/** A Ceph cluster. */
export interface ICephCluster extends IConstruct {
  /** As VMs get them: 'host', 'host:port', '[v6]' or '[v6]:port'. */
  readonly monitors: readonly string[];
}

/** A pool of RBD images. */
export interface ICephPool extends IConstruct {
  readonly cluster: ICephCluster;
  readonly poolName: string;
  /** Lets the client read and write the pool's images (`profile rbd`). */
  grantReadWrite(client: ICephClient): void;
  /** Lets the client read the pool's images (`profile rbd-read-only`). */
  grantReadOnly(client: ICephClient): void;
}

/** A cephx user. */
export interface ICephClient extends IConstruct {
  readonly cluster: ICephCluster;
  /** The cephx ID, such as 'libvirt'. */
  readonly clientId: string;
  /** The entity, such as 'client.libvirt'. */
  readonly entity: string;
}

/** An RBD image. */
export interface IRbdImage extends IConstruct {
  readonly pool: ICephPool;
  readonly imageName: string;
  /** 'pool/image' */
  readonly spec: string;
}

/** A snapshot of an RBD image. */
export interface IRbdSnapshot extends IConstruct {
  readonly image: IRbdImage;
  readonly snapshotName: string;
}

/** A libvirt secret that holds the key of a cephx user. */
export interface ILibvirtCephSecret extends IConstruct {
  readonly host: LibvirtHost;
  readonly client: ICephClient;
  /** How disks and storage pools refer to it. */
  readonly usage: string;
}

/** A libvirt storage pool that shows a Ceph pool. */
export interface ICephRbdStoragePool extends IConstruct {
  readonly storagePoolName: string;
  readonly pool: ICephPool;
  readonly client: ICephClient;
  readonly secret: ILibvirtCephSecret;
  readonly host: LibvirtHost;
}
