// Domains alone, by a folder of bindings: node domains.cjs <VMs> <outdir> <module of the bindings>
const { App, TerraformStack } = require('cdktf');

const [vms, outdir, bindings] = process.argv.slice(2);
const {
  Domain = require(bindings).domain?.Domain,
  LibvirtProvider = require(bindings).provider?.LibvirtProvider,
} = require(bindings);
const app = new App({ outdir });
const stack = new TerraformStack(app, 'bench');
new LibvirtProvider(stack, 'libvirt', { uri: 'qemu:///system' });
for (let i = 0; i < Number(vms); i++) {
  const source = {
    network: { protocol: 'rbd', name: `vms/vm${i}-root`, hosts: [{ name: '10.0.0.11', port: '6789' }] },
  };
  new Domain(stack, `vm${i}`, {
    name: `vm${i}`,
    type: 'kvm',
    vcpu: 2,
    memory: 4,
    memoryUnit: 'GiB',
    running: true,
    os: { type: 'hvm', typeArch: 'x86_64', typeMachine: 'q35' },
    devices: {
      disks: [{ device: 'disk', source, target: { dev: 'vda', bus: 'virtio' }, driver: { name: 'qemu', type: 'raw' } }],
      interfaces: [{ source: { bridge: { bridge: 'br0' } }, model: { type: 'virtio' } }],
    },
  });
}
app.synth();
console.log(process.resourceUsage().maxRSS);
