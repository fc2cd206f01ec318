import { join } from 'node:path';
import { App, TerraformStack } from 'cdktf';
import { execa } from 'execa';
import { terraformBinary } from '../../lib/cli/terraform-stack';
import {
  CephCluster,
  CephRbdStoragePool,
  Duration,
  DomainType,
  LibvirtDriver,
  LibvirtHost,
  RbdBackedVm,
  Size,
} from '../../constructs';
import type { LabInfo } from '../../lab/lab';
import { type Comparison, type Measured, timed } from './measure';

const POOLS = ['bench-hand', 'bench-virsh'] as const;
const ENV = { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };

/** From nothing to running VMs on the lab: `cdktf`'s stack against the page's commands, typed one after the other. */
export async function applyOfVms(vms: number, folder: string, lab: LabInfo): Promise<Comparison> {
  const host = lab.hosts[0];
  if (host === undefined) throw new Error('the lab has no libvirt host');
  const script = byHand(vms, { conf: lab.cephConf, uri: host.virshUri, monitor: lab.monitors[0] ?? '' });
  try {
    const hand = await timed('by hand, the page’s commands', () => execa('bash', ['-ec', script]));
    const constructs = await applied(vms, folder, lab, host.uri);
    return { title: `${vms} VMs on a fresh pool, from nothing to running`, sides: [hand, ...constructs] };
  } finally {
    await cleanUp(lab, host.virshUri);
  }
}

async function applied(vms: number, folder: string, lab: LabInfo, uri: string): Promise<Measured[]> {
  const outdir = join(folder, 'apply');
  const app = new App({ outdir, context: { libvirtCephOwner: 'bench' } });
  const stack = new TerraformStack(app, 'bench');
  stack.addOverride('terraform.backend.local.path', 'terraform.tfstate');
  const cluster = new CephCluster(stack, 'ceph', { monitors: [...lab.monitors], confFile: lab.cephConf });
  const host = new LibvirtHost(stack, 'kvm1', { uri, driver: LibvirtDriver.VIRSH, domainType: DomainType.QEMU });
  const storage = new CephRbdStoragePool(stack, 'bench', { host, cluster, poolName: POOLS[1], clientId: POOLS[1] });
  for (let i = 0; i < vms; i++) {
    new RbdBackedVm(stack, `${POOLS[1]}${i}`, {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(32),
      rootDisk: { size: Size.mebibytes(8) },
      shutdownTimeout: Duration.seconds(1),
    });
  }
  app.synth();
  const terraform = (...args: string[]) =>
    execa(terraformBinary(), [...args, '-no-color', '-input=false'], { cwd: join(outdir, 'stacks/bench'), env: ENV });
  await terraform('init');
  const first = await timed('terraform apply, virsh', () => terraform('apply', '-auto-approve'));
  const second = await timed('  and again: nothing to do', () => terraform('apply', '-auto-approve'));
  await terraform('destroy', '-auto-approve');
  return [first, second];
}

interface Place {
  readonly conf: string;
  readonly uri: string;
  readonly monitor: string;
}

/** Seed steps 1 to 18 as a careful administrator's script has them. */
function byHand(vms: number, { conf, uri, monitor }: Place): string {
  const [pool] = POOLS;
  const [host = '', port = ''] = monitor.split(':');
  return `
export CEPH_CONF=${conf} LIBVIRT_DEFAULT_URI='${uri}'
ceph osd pool create ${pool} && rbd pool init ${pool}
ceph auth get-or-create client.${pool} mon 'profile rbd' osd 'profile rbd pool=${pool}' mgr 'profile rbd pool=${pool}' >/dev/null
secret=$(cat /proc/sys/kernel/random/uuid)
virsh secret-define /dev/stdin <<<"<secret ephemeral='no' private='yes'><uuid>$secret</uuid><usage type='ceph'><name>${pool}</name></usage></secret>"
ceph auth get-key client.${pool} | cat | virsh -q secret-set-value "$secret" --file /dev/stdin
virsh pool-define /dev/stdin <<<"<pool type='rbd'><name>${pool}</name><source><host name='${host}' port='${port}'/><name>${pool}</name><auth type='ceph' username='${pool}'><secret uuid='$secret'/></auth></source></pool>"
virsh pool-autostart ${pool} && virsh pool-start ${pool}
for i in $(seq ${vms}); do
  rbd create --size 8M ${pool}/vm$i
  virsh define /dev/stdin <<<"<domain type='qemu'><name>${pool}$i</name><memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type machine='q35'>hvm</type></os><devices>
    <disk type='network'><driver name='qemu' type='raw'/><auth username='${pool}'><secret type='ceph' uuid='$secret'/></auth>
    <source protocol='rbd' name='${pool}/vm$i'><host name='${host}' port='${port}'/></source><target dev='vda' bus='virtio'/></disk></devices></domain>"
  virsh start ${pool}$i
done`;
}

async function cleanUp(lab: LabInfo, uri: string): Promise<void> {
  const [pool] = POOLS;
  const script = `
export CEPH_CONF=${lab.cephConf} LIBVIRT_DEFAULT_URI='${uri}'
for vm in $(virsh list --all --name | grep '^${pool}'); do virsh destroy $vm; virsh undefine $vm; done
virsh pool-destroy ${pool}; virsh pool-undefine ${pool}
for secret in $(virsh -q secret-list | awk '/${pool}$/ {print $1}'); do virsh secret-undefine $secret; done
ceph auth del client.${pool}
ceph config set mon mon_allow_pool_delete true
for pool in ${POOLS.join(' ')}; do ceph osd pool rm $pool $pool --yes-i-really-really-mean-it; done
for key in $(ceph config-key ls --format json | tr -d '[]," ' | grep '/bench-'); do ceph config-key rm $key; done`;
  await execa('bash', ['-c', script], { reject: false });
}
