// Two stacks with two lives: the base (pool, user, secret, storage pool, golden image) is the platform team's and
// changes rarely; a service takes it by name and comes and goes with its VMs.
import { App, TerraformStack } from 'cdktf';
import {
  CephClient,
  CephCluster,
  CephPool,
  CephRbdStoragePool,
  DomainType,
  type ICephCluster,
  ImageSource,
  LibvirtCephSecret,
  LibvirtDriver,
  LibvirtHost,
  RbdBackedVm,
  RbdImage,
  Size,
} from 'cdktf-libvirt-ceph';
import type { Construct } from 'constructs';

const {
  CEPH_MONITORS = '127.0.0.1',
  CEPH_CONF,
  LIBVIRT_URI = 'qemu:///system',
  LIBVIRT_DRIVER = LibvirtDriver.PROVIDER,
  LIBVIRT_DOMAIN_TYPE = DomainType.KVM,
  GUEST_IMAGE = 'guest.img',
} = process.env;

const clusterOf = (stack: TerraformStack): ICephCluster =>
  new CephCluster(stack, 'ceph', { monitors: CEPH_MONITORS.split(','), confFile: CEPH_CONF });
const hostOf = (stack: TerraformStack): LibvirtHost =>
  new LibvirtHost(stack, 'kvm1', {
    uri: LIBVIRT_URI,
    driver: LIBVIRT_DRIVER as LibvirtDriver,
    domainType: LIBVIRT_DOMAIN_TYPE as DomainType,
  });

export class Base extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const storage = new CephRbdStoragePool(this, 'storage', {
      host: hostOf(this),
      cluster: clusterOf(this),
      poolName: 'libvirt-pool',
    });
    new RbdImage(this, 'golden', { pool: storage.pool, source: ImageSource.file(GUEST_IMAGE) });
  }
}

export class Service extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const cluster = clusterOf(this);
    const pool = CephPool.fromPoolName(this, 'pool', { cluster, poolName: 'libvirt-pool' });
    const client = CephClient.fromClientId(this, 'client', { cluster, clientId: 'libvirt' });
    const usage = 'client.libvirt secret';
    const secret = LibvirtCephSecret.fromUsage(this, 'secret', { host: hostOf(this), client, usage });
    const golden = RbdImage.fromImageName(this, 'golden', { pool, imageName: 'golden' });
    const image = new RbdImage(this, 'web1-root', { pool, source: ImageSource.clone(golden), size: Size.gibibytes(1) });
    new RbdBackedVm(this, 'web1', { secret, vcpus: 1, memory: Size.mebibytes(256), rootDisk: { image } });
  }
}

const app = new App();
const base = new Base(app, 'base');
new Service(app, 'service').addDependency(base);
app.synth();
