import type { Construct } from 'constructs';
import {
  CephClient,
  CephCluster,
  CephPool,
  LibvirtCephSecret,
  LibvirtDriver,
  LibvirtHost,
  RbdBackedVm,
  RbdImage,
  Size,
  type CephClusterProps,
  type RbdBackedVmProps,
} from '../../constructs';

/** Both drivers, for `describe.each`. */
export const DRIVERS = [LibvirtDriver.PROVIDER, LibvirtDriver.VIRSH];

/** A cluster, 'ceph'. */
export function clusterOf(scope: Construct, props: Partial<CephClusterProps> = {}, id = 'ceph'): CephCluster {
  return new CephCluster(scope, id, { monitors: ['10.0.0.11', '10.0.0.12:6789'], ...props });
}

/** A host, 'kvm1'. */
export function hostOf(scope: Construct, driver = LibvirtDriver.VIRSH, id = 'kvm1'): LibvirtHost {
  return new LibvirtHost(scope, id, { uri: `qemu+ssh://root@${id}/system`, driver });
}

/** What a VM needs, the long way, each thing by itself: 'ceph', 'vms', 'libvirt', 'kvm1', 'secret'. */
export class Scene {
  public readonly cluster: CephCluster;
  public readonly pool: CephPool;
  public readonly client: CephClient;
  public readonly host: LibvirtHost;
  public readonly secret: LibvirtCephSecret;

  constructor(
    private readonly scope: Construct,
    driver = LibvirtDriver.VIRSH,
  ) {
    this.cluster = clusterOf(scope);
    this.pool = new CephPool(scope, 'vms', { cluster: this.cluster });
    this.client = new CephClient(scope, 'libvirt', { cluster: this.cluster });
    this.host = hostOf(scope, driver);
    this.secret = new LibvirtCephSecret(scope, 'secret', { host: this.host, client: this.client });
  }

  /** A blank image of 1 GiB in the pool. */
  public image(id: string): RbdImage {
    return new RbdImage(this.scope, id, { pool: this.pool, size: Size.gibibytes(1) });
  }

  /** A VM with one vCPU, 256 MiB and its own root disk. */
  public vm(id: string, props: Partial<RbdBackedVmProps> = {}): RbdBackedVm {
    const rootDisk = props.rootDisk ?? { image: this.image(`${id}-disk`) };
    return new RbdBackedVm(this.scope, id, {
      ...(props.storage ? {} : { secret: this.secret }),
      vcpus: 1,
      memory: Size.mebibytes(256),
      ...props,
      rootDisk,
    });
  }
}
