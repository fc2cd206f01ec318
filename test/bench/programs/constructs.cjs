// A stack of VMs by this library's constructs: node constructs.cjs <VMs> <outdir> <provider|virsh>
const { App, TerraformStack } = require('cdktf');
const library = require('../../../dist/constructs');

const [vms, outdir, driver] = process.argv.slice(2);
const { CephCluster, CephRbdStoragePool, ImageSource, LibvirtHost, NetworkSource, RbdBackedVm, RbdImage, Size } =
  library;
const app = new App({ outdir, context: { libvirtCephOwner: 'bench' } });
const stack = new TerraformStack(app, 'bench');
const cluster = new CephCluster(stack, 'ceph', { monitors: ['10.0.0.11'] });
const host = new LibvirtHost(stack, 'kvm1', { uri: 'qemu+ssh://root@kvm1/system', driver });
const storage = new CephRbdStoragePool(stack, 'storage', { host, cluster, poolName: 'vms' });
const golden = new RbdImage(stack, 'golden', { pool: storage.pool, source: ImageSource.file('/golden.raw') });
for (let i = 0; i < Number(vms); i++) {
  new RbdBackedVm(stack, `vm${i}`, {
    storage,
    vcpus: 2,
    memory: Size.gibibytes(4),
    rootDisk: { source: ImageSource.clone(golden), size: Size.gibibytes(20) },
    networkInterfaces: [{ source: NetworkSource.bridge('br0') }],
  });
}
app.synth();
console.log(process.resourceUsage().maxRSS);
