// Beside what is there: a pool, a user and a VM that somebody made by hand stay theirs; a golden image is taken over.
import { App, TerraformStack } from 'cdktf';
import {
  CephClient,
  CephCluster,
  CephPool,
  DomainType,
  ImageSource,
  LibvirtCephSecret,
  LibvirtDriver,
  LibvirtHost,
  RbdBackedVm,
  RbdDiskAttachment,
  RbdImage,
  Size,
  Transport,
} from 'cdktf-libvirt-ceph';
import type { Construct } from 'constructs';

const {
  CEPH_MONITORS = '10.0.0.11,10.0.0.12,10.0.0.13',
  CEPH_HOST = 'admin@mon1',
  CEPH_CONF,
  LIBVIRT_URI = 'qemu+ssh://root@kvm1/system',
  LIBVIRT_DRIVER = LibvirtDriver.VIRSH,
  LIBVIRT_DOMAIN_TYPE = DomainType.KVM,
} = process.env;

export class ExistingCluster extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const cluster = new CephCluster(this, 'ceph', {
      monitors: CEPH_MONITORS.split(','),
      confFile: CEPH_CONF,
      transport: CEPH_HOST === '' ? Transport.local() : Transport.ssh(CEPH_HOST, { sudo: true }),
    });
    const host = new LibvirtHost(this, 'kvm1', {
      uri: LIBVIRT_URI,
      driver: LIBVIRT_DRIVER as LibvirtDriver,
      domainType: LIBVIRT_DOMAIN_TYPE as DomainType,
    });

    // Looked at, never changed: the pool and the user that somebody else looks after.
    const pool = CephPool.fromPoolName(this, 'pool', { cluster, poolName: 'volumes' });
    const client = CephClient.fromClientId(this, 'client', { cluster, clientId: 'libvirt' });
    const secret = new LibvirtCephSecret(this, 'secret', { host, client, usage: 'client.libvirt of the new VMs' });

    // Taken over with its data, at the size that it has: 'adopt' marks it, and lets it stay when it leaves the code.
    const golden = new RbdImage(this, 'debian-12', { pool, adopt: true, size: Size.gibibytes(4) });

    new RbdBackedVm(this, 'web1', {
      secret,
      vcpus: 2,
      memory: Size.gibibytes(4),
      rootDisk: { image: new RbdImage(this, 'web1-root', { pool, source: ImageSource.clone(golden) }) },
    });

    // One more disk for a VM that stays somebody else's.
    const archive = new RbdImage(this, 'legacy-archive', { pool, size: Size.gibibytes(200) });
    new RbdDiskAttachment(this, 'legacy-disk', {
      secret,
      vmName: 'legacy',
      disk: { image: archive, target: 'vdc' },
    });
  }
}

const app = new App();
new ExistingCluster(app, 'existing-cluster');
app.synth();
