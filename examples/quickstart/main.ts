// A VM that boots from RBD: one Ceph pool, one cephx user, one libvirt host, one golden image and one VM cloned from
// it. What differs between sites comes from the environment; the defaults fit a machine that runs both Ceph and
// libvirt.
import { App, TerraformStack } from 'cdktf';
import {
  CephCluster,
  CephRbdStoragePool,
  DomainType,
  ImageSource,
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

export class Quickstart extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const ceph = new CephCluster(this, 'ceph', { monitors: CEPH_MONITORS.split(','), confFile: CEPH_CONF });
    const host = new LibvirtHost(this, 'kvm1', {
      uri: LIBVIRT_URI,
      driver: LIBVIRT_DRIVER as LibvirtDriver,
      domainType: LIBVIRT_DOMAIN_TYPE as DomainType,
    });
    const storage = new CephRbdStoragePool(this, 'storage', { host, cluster: ceph, poolName: 'libvirt-pool' });
    const golden = new RbdImage(this, 'golden', { pool: storage.pool, source: ImageSource.file(GUEST_IMAGE) });
    new RbdBackedVm(this, 'web1', {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(256),
      rootDisk: { source: ImageSource.clone(golden), size: Size.gibibytes(1) },
      dataDisks: [{ target: 'vdb', size: Size.gibibytes(2), serial: 'web1-data' }],
      serialLogFile: '/var/log/libvirt/qemu/web1-console.log',
    });
  }
}

const app = new App();
new Quickstart(app, 'quickstart');
app.synth();
