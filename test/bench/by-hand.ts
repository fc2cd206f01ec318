import type { LabInfo } from '../../lab/lab';
import type { Program } from './measure';

/**
 * What is made by hand, and by the constructs: pool, client, secret and storage pool with one name, VMs with that
 * prefix.
 */
export const BY_HAND = 'bench-hand';

/** The page's steps in a careful administrator's script, one after the other, for the same VMs as the stack's. */
export class ByHand {
  constructor(
    private readonly lab: LabInfo,
    private readonly base: string,
  ) {}

  public make(vms: number): Program {
    const [host = '', port = ''] = (this.lab.monitors[0] ?? '').split(':');
    return this.script(`
ceph osd pool create ${BY_HAND}
rbd pool init ${BY_HAND}
ceph auth get-or-create client.${BY_HAND} mon 'profile rbd' osd 'profile rbd pool=${BY_HAND}' mgr 'profile rbd pool=${BY_HAND}' >/dev/null
secret=$(cat /proc/sys/kernel/random/uuid)
virsh secret-define /dev/stdin <<<"<secret ephemeral='no' private='yes'><uuid>$secret</uuid><usage type='ceph'><name>${BY_HAND}</name></usage></secret>"
ceph auth get-key client.${BY_HAND} | cat | virsh secret-set-value "$secret" --file /dev/stdin
virsh pool-define /dev/stdin <<<"<pool type='rbd'><name>${BY_HAND}</name><source><host name='${host}' port='${port}'/><name>${BY_HAND}</name><auth type='ceph' username='${BY_HAND}'><secret uuid='$secret'/></auth></source></pool>"
virsh pool-autostart ${BY_HAND}
virsh pool-start ${BY_HAND}
rbd import --no-progress ${this.base} ${BY_HAND}/base
rbd snap create --no-progress ${BY_HAND}/base@golden
disk() {
  echo "<disk type='network'><driver name='qemu' type='raw' discard='unmap'/><auth username='${BY_HAND}'><secret type='ceph' uuid='$secret'/></auth>
    <source protocol='rbd' name='${BY_HAND}/$1'><host name='${host}' port='${port}'/></source><target dev='$2' bus='virtio'/></disk>"
}
for i in $(seq ${vms}); do
  vm=${BY_HAND}-vm$i
  rbd clone --rbd-default-clone-format 2 ${BY_HAND}/base@golden ${BY_HAND}/$vm-root
  rbd resize --no-progress --size 16M ${BY_HAND}/$vm-root
  rbd create --size 8M ${BY_HAND}/$vm-vdb
  virsh define /dev/stdin <<<"<domain type='qemu'><name>$vm</name><memory unit='MiB'>48</memory><currentMemory unit='MiB'>32</currentMemory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/><apic/></features><devices>$(disk $vm-root vda)$(disk $vm-vdb vdb)
    <serial type='pty'/><console type='pty'/><channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel><rng model='virtio'><backend model='random'>/dev/urandom</backend></rng></devices></domain>"
  virsh autostart $vm
  virsh start $vm
done`);
  }

  /** More memory and a larger data disk, both while the VM runs. */
  public change(mebibytes: number, size: string): Program {
    return this.script(`
virsh setmem ${BY_HAND}-vm1 ${mebibytes}M --live --config
rbd resize --no-progress --size ${size} ${BY_HAND}/${BY_HAND}-vm1-vdb
virsh blockresize ${BY_HAND}-vm1 vdb ${size}`);
  }

  /**
   * Removes the VMs, moves their images to the trash, and removes what is beside them; the pool stays, like the
   * stack's.
   */
  public remove(vms: number): Program {
    return this.script(`
for i in $(seq ${vms}); do
  vm=${BY_HAND}-vm$i
  virsh shutdown $vm
  for try in $(seq 10); do [ "$(virsh domstate $vm)" = 'shut off' ] && break; sleep 0.1; done
  virsh destroy $vm
  virsh undefine $vm
  for image in $vm-root $vm-vdb; do
    [ -z "$(rbd status ${BY_HAND}/$image | grep watcher=)" ]
    rbd trash mv --expires-at '30 days' ${BY_HAND}/$image
  done
done
rbd trash mv --expires-at '30 days' ${BY_HAND}/base
virsh pool-destroy ${BY_HAND}
virsh pool-undefine ${BY_HAND}
virsh secret-undefine $(virsh secret-list | awk '/ ${BY_HAND}$/ {print $1}')
ceph auth del client.${BY_HAND}`);
  }

  /** Removes everything of both sides, whatever is left. */
  public wipe(...names: readonly string[]): Program {
    const { argv, env } = this.script(`
set +e
for name in ${names.join(' ')}; do
  for vm in $(virsh list --all --name | grep "^$name-"); do virsh destroy $vm; virsh undefine $vm; done
  virsh pool-destroy $name
  virsh pool-undefine $name
  for secret in $(virsh secret-list | awk "/$name/ {print \\$1}"); do virsh secret-undefine $secret; done
  ceph auth del client.$name
  ceph config set mon mon_allow_pool_delete true
  ceph osd pool rm $name $name --yes-i-really-really-mean-it
done
for key in $(ceph config-key ls --format json-pretty | tr -d '[]," ' | grep '/bench-'); do ceph config-key rm $key; done
true`);
    return { argv, env };
  }

  private script(text: string): Program {
    const host = this.lab.hosts[0];
    const env = { CEPH_CONF: this.lab.cephConf, LIBVIRT_DEFAULT_URI: host?.virshUri ?? '' };
    return { argv: ['bash', '-e', '-o', 'pipefail', '-c', `virsh() { command virsh --quiet "$@"; }\n${text}`], env };
  }
}
