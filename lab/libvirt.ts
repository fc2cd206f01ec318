import { createHash, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { MARK_FILE } from './processes';
import { startDetached, waitUntil } from './start';

export interface LabHost {
  readonly name: string;
  /** For the Terraform provider. */
  readonly uri: string;
  /** For virsh. */
  readonly virshUri: string;
  readonly socketFolder: string;
  /** The folder that is /var/log/libvirt on that host. */
  readonly logFolder: string;
  /** `nsenter --target PID --mount` sees the host's files. */
  readonly mountNamespacePid: number;
}

export const NETWORK = 'labnet';
const PLACES = ['etc/libvirt', 'var/lib/libvirt', 'var/log/libvirt/qemu', 'var/cache/libvirt', 'etc/ceph', 'run'];

/** One bridge for all hosts of a lab, without address, DHCP or firewall rule. */
export function bridgeOf(lab: string): string {
  return `lab${createHash('sha256').update(lab).digest('hex').slice(0, 8)}`;
}

export async function startBridge(lab: string): Promise<void> {
  await execa('ip', ['link', 'add', bridgeOf(lab), 'type', 'bridge']);
  await execa('ip', ['link', 'set', bridgeOf(lab), 'addrgenmode', 'none']);
  await execa('ip', ['link', 'set', bridgeOf(lab), 'up']);
}

export async function removeBridge(lab: string): Promise<void> {
  const { failed } = await execa('ip', ['link', 'show', bridgeOf(lab)], { reject: false });
  if (!failed) {
    await execa('ip', ['link', 'delete', bridgeOf(lab)]);
  }
}

export async function startHost(lab: string, name: string): Promise<LabHost> {
  const folder = join(lab, name);
  await writeHostFiles(lab, folder);
  const pid = startDetached(lab, [join(__dirname, 'host.sh'), folder, name], ['unshare', '--mount', '--uts', '--']);
  const socketFolder = join(folder, 'run', 'libvirt');
  const socket = join(socketFolder, 'libvirt-sock');
  const host: LabHost = {
    name,
    uri: `qemu:///system?socket=${socket}`,
    virshUri: `qemu+unix:///system?socket=${socket}`,
    socketFolder,
    logFolder: join(folder, 'var/log/libvirt'),
    mountNamespacePid: pid,
  };
  await waitUntil(`libvirt of ${name}`, 30, () => answers(host), folder);
  await defineNetwork(lab, folder, host);
  return host;
}

export async function answers(host: LabHost): Promise<boolean> {
  const { failed } = await execa('virsh', ['--connect', host.virshUri, 'uri'], { reject: false, timeout: 10_000 });
  return !failed;
}

async function writeHostFiles(lab: string, folder: string): Promise<void> {
  for (const place of [...PLACES, 'run/lock', 'run/libvirt']) {
    await mkdir(join(folder, place), { recursive: true });
  }
  await writeFile(join(folder, MARK_FILE), `${lab}\n`);
  await writeFile(join(folder, 'no-kvm'), '');
  // Empty, because a VM's QEMU reads it: monitors and keys come only from its definition and from libvirt's secrets.
  await writeFile(join(folder, 'etc/ceph/ceph.conf'), '');
  await writeFile(
    join(folder, 'etc/libvirt/libvirtd.conf'),
    // Migration is refused between two hosts with the same UUID, and the machine's own would be the same for all.
    `host_uuid = "${randomUUID()}"
unix_sock_group = "root"
unix_sock_rw_perms = "0700"
auth_unix_rw = "none"
log_outputs = "3:file:/var/log/libvirt/libvirtd.log"
`,
  );
  await writeFile(
    join(folder, 'etc/libvirt/qemu.conf'),
    // Without namespaces each QEMU stays in the host's own, by which the lab finds it.
    `user = "root"
group = "root"
security_driver = "none"
namespaces = []
cgroup_controllers = []
`,
  );
}

async function defineNetwork(lab: string, folder: string, host: LabHost): Promise<void> {
  const file = join(folder, `${NETWORK}.xml`);
  const xml = `<network><name>${NETWORK}</name><forward mode='bridge'/><bridge name='${bridgeOf(lab)}'/></network>\n`;
  await writeFile(file, xml);
  const virsh = (...args: string[]) => execa('virsh', ['--connect', host.virshUri, ...args]);
  await virsh('net-define', file);
  await virsh('net-start', NETWORK);
  await virsh('net-autostart', NETWORK);
}
