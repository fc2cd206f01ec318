// A VM in its second year: each variable below is one change that a running system meets, deployed as any other.
import { App, TerraformStack } from 'cdktf';
import {
  CephClient,
  CephCluster,
  CephPool,
  CephRbdStoragePool,
  DomainType,
  ImageSource,
  LibvirtCephSecret,
  LibvirtDriver,
  LibvirtHost,
  RbdBackedVm,
  RbdImage,
  RemovalPolicy,
  Size,
} from 'cdktf-libvirt-ceph';
import type { Construct } from 'constructs';

const {
  CEPH_MONITORS = '127.0.0.1',
  CEPH_CONF,
  LIBVIRT_URI = 'qemu:///system',
  LIBVIRT_DRIVER = LibvirtDriver.VIRSH,
  LIBVIRT_DOMAIN_TYPE = DomainType.KVM,
  GUEST_IMAGE = 'guest.img',
  ROOT_GIB = '2',
  MEMORY_MIB = '256',
  DATA_DISK = 'no',
  KEY_GENERATION = '1',
} = process.env;

export class Day2 extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const cluster = new CephCluster(this, 'ceph', { monitors: CEPH_MONITORS.split(','), confFile: CEPH_CONF });
    const host = new LibvirtHost(this, 'kvm1', {
      uri: LIBVIRT_URI,
      driver: LIBVIRT_DRIVER as LibvirtDriver,
      domainType: LIBVIRT_DOMAIN_TYPE as DomainType,
    });
    const pool = new CephPool(this, 'day-2', { cluster });
    // A number above the last one makes a new key: docs/secrets.md has the two ways.
    const client = new CephClient(this, 'day-2-client', { cluster, keyGeneration: Number(KEY_GENERATION) });
    pool.grantReadWrite(client);
    const secret = new LibvirtCephSecret(this, 'secret', { host, client });
    const storage = new CephRbdStoragePool(this, 'storage', { host, pool, client, secret });
    const golden = new RbdImage(this, 'golden', { pool, source: ImageSource.file(GUEST_IMAGE) });
    new RbdBackedVm(this, 'shop1', {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(Number(MEMORY_MIB)),
      rootDisk: { source: ImageSource.clone(golden), size: Size.gibibytes(Number(ROOT_GIB)) },
      dataDisks: DATA_DISK === 'yes' ? [{ target: 'vdb', image: this.data(pool) }] : [],
    });
  }

  /** What it holds outlives the VM: it stays in the pool when the code does not have it any more. */
  private data(pool: CephPool): RbdImage {
    return new RbdImage(this, 'shop1-data', {
      pool,
      size: Size.gibibytes(1),
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}

const app = new App();
new Day2(app, 'day-2');
app.synth();
