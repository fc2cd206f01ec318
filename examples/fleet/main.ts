// Many VMs on several hosts, a stack for each host: one host that does not answer stops its own stack alone.
import { App, TerraformStack } from 'cdktf';
import {
  CephClient,
  CephCluster,
  CephPool,
  DomainType,
  type ICephCluster,
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
  /** Of each host, by its name. */
  LIBVIRT_URI = 'qemu+ssh://root@HOST/system',
  LIBVIRT_DRIVER = LibvirtDriver.VIRSH,
  LIBVIRT_DOMAIN_TYPE = DomainType.KVM,
  LIBVIRT_BRIDGE = 'br0',
  GUEST_IMAGE = 'debian-12.qcow2',
} = process.env;

/** Which VMs run where, with how many GiB. To move one, write it under another host and deploy both stacks. */
const FLEET: { readonly [host: string]: { readonly [vm: string]: number } } = {
  kvm1: { web1: 1, db1: 2 },
  kvm2: { web2: 1, cache1: 2 },
  kvm3: { web3: 1 },
};
const POOL = 'vms';
const GOLDEN = 'debian-12';

const clusterOf = (stack: TerraformStack): ICephCluster =>
  new CephCluster(stack, 'ceph', { monitors: CEPH_MONITORS.split(','), confFile: CEPH_CONF });

/** What all hosts share, and one client for each: a host that is lost is shut out by taking its client away. */
class Shared extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const pool = new CephPool(this, POOL, { cluster: clusterOf(this) });
    new RbdImage(this, GOLDEN, { pool, source: ImageSource.file(GUEST_IMAGE) });
    for (const host of Object.keys(FLEET)) {
      pool.grantReadWrite(new CephClient(this, `libvirt-${host}`, { cluster: pool.cluster }));
    }
  }
}

class Host extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const cluster = clusterOf(this);
    const pool = CephPool.fromPoolName(this, 'pool', { cluster, poolName: POOL });
    const golden = RbdImage.fromImageName(this, 'golden', { pool, imageName: GOLDEN });
    const client = CephClient.fromClientId(this, 'client', { cluster, clientId: `libvirt-${id}` });
    const host = new LibvirtHost(this, id, {
      uri: LIBVIRT_URI.replace('HOST', id),
      driver: LIBVIRT_DRIVER as LibvirtDriver,
      domainType: LIBVIRT_DOMAIN_TYPE as DomainType,
    });
    const secret = new LibvirtCephSecret(this, 'secret', { host, client });
    for (const [name, memory] of Object.entries(FLEET[id] ?? {})) {
      const image = new RbdImage(this, `${name}-root`, {
        pool,
        source: ImageSource.clone(golden),
        size: Size.gibibytes(20),
      });
      new RbdBackedVm(this, name, {
        secret,
        vcpus: 2,
        memory: Size.gibibytes(memory),
        rootDisk: { image },
        networkInterfaces: [{ source: NetworkSource.bridge(LIBVIRT_BRIDGE) }],
        autostart: true,
      });
    }
  }
}

const app = new App();
const shared = new Shared(app, 'shared');
for (const id of Object.keys(FLEET)) new Host(app, id).addDependency(shared);
app.synth();
