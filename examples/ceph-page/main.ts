// Ceph's page "Using libvirt with Ceph RBD", step by step and with its own names: the long way, nothing made behind the
// scenes.
import { App, TerraformStack } from 'cdktf';
import {
  CephClient,
  CephClientConfig,
  CephCluster,
  CephPool,
  CephRbdStoragePool,
  DiskBus,
  DomainType,
  ImageSource,
  LibvirtCephSecret,
  LibvirtDriver,
  LibvirtHost,
  NetworkSource,
  RbdBackedVm,
  RbdImage,
  Size,
} from 'cdktf-libvirt-ceph';
import type { Construct } from 'constructs';

const {
  CEPH_MONITORS = '10.0.0.11,10.0.0.12,10.0.0.13',
  CEPH_CONF,
  CLIENT_CONF = '/etc/ceph/ceph.conf',
  LIBVIRT_URI = 'qemu:///system',
  LIBVIRT_DRIVER = LibvirtDriver.PROVIDER,
  LIBVIRT_DOMAIN_TYPE = DomainType.KVM,
  LIBVIRT_NETWORK = 'default',
  GUEST_IMAGE = 'debian-12.qcow2',
} = process.env;

export class CephPage extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const ceph = new CephCluster(this, 'ceph', { monitors: CEPH_MONITORS.split(','), confFile: CEPH_CONF });
    const host = new LibvirtHost(this, 'host', {
      uri: LIBVIRT_URI,
      driver: LIBVIRT_DRIVER as LibvirtDriver,
      domainType: LIBVIRT_DOMAIN_TYPE as DomainType,
    });

    // "Create a pool": ceph osd pool create libvirt-pool 128; rbd pool init libvirt-pool
    const pool = new CephPool(this, 'libvirt-pool', { cluster: ceph, pgNum: 128 });

    // "Create a Ceph User":
    // ceph auth get-or-create client.libvirt mon 'profile rbd' osd 'profile rbd pool=libvirt-pool'
    const client = new CephClient(this, 'libvirt', { cluster: ceph });
    pool.grantReadWrite(client);

    // The [client.libvirt] section of ceph.conf: log file and admin socket
    new CephClientConfig(this, 'client-config', {
      host,
      client,
      confFile: CLIENT_CONF,
      logFile: '/var/log/ceph/qemu-guest-$pid.log',
      adminSocket: '/var/run/ceph/$cluster-$type.$id.$pid.$cctid.asok',
    });

    // "Define the secret": virsh secret-define; ceph auth get-key client.libvirt; virsh secret-set-value
    const secret = new LibvirtCephSecret(this, 'secret', { host, client });

    // The storage pool: virsh pool-define, pool-start, pool-autostart
    const storage = new CephRbdStoragePool(this, 'rbd', { host, pool, client, secret });

    // "Use QEMU to create a new image": qemu-img create -f rbd rbd:libvirt-pool/new-libvirt-image 2G
    const image = new RbdImage(this, 'new-libvirt-image', { pool, size: Size.gibibytes(2) });

    // "Preparing the Virtual Machine Manager", "Creating a VM" and "Configuring the VM": virt-manager, virsh edit
    new RbdBackedVm(this, 'libvirt-virtual-machine', {
      storage,
      vcpus: 1,
      memory: Size.gibibytes(1),
      rootDisk: { source: ImageSource.file(GUEST_IMAGE), size: Size.gibibytes(10), bus: DiskBus.VIRTIO },
      dataDisks: [{ image, target: 'vdb' }],
      networkInterfaces: [{ source: NetworkSource.network(LIBVIRT_NETWORK) }],
    });
  }
}

const app = new App();
new CephPage(app, 'ceph-page');
app.synth();
