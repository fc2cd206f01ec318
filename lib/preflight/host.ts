import type { ClusterSpec, HostSpec, StoragePoolSpec } from '../model';
import { onHost } from '../steps/commands';
import type { Tools } from '../steps/tools';
import { clockOf } from './clock';
import { clusterVersion } from './cluster';
import { confinement } from './apparmor-selinux';
import { type Found, fails, warns } from './finding';
import { capabilitiesOf, libvirtReady } from './libvirt-ready';
import { ofKind, type Place, type Wanted } from './places';
import { monitorsFrom } from './monitors-reachable';
import { brokenPairs, versionIn } from './versions';

/** What a libvirt host must be before the first apply. */
export async function hostReady({ place: host, objects }: Place<HostSpec>, tools: Tools): Promise<Found[]> {
  const capabilities = await capabilitiesOf(host, tools);
  if (isElsewhere(host)) return [...(await libvirtReady(host, objects, tools)), NOT_ASKED];
  const monitors = objects.flatMap(({ spec }) => (spec as { monitors?: readonly string[] }).monitors ?? []);
  return [
    ...(await libvirtReady(host, objects, tools)),
    ...(await blockDriver(host, tools)),
    ...(await monitorsFrom(host, monitors, tools)),
    ...(await clockOf((...argv) => onHost(host, ...argv), tools)),
    ...(await versions(host, objects, tools)),
    ...(await confinement(host, capabilities, objects, tools)),
  ];
}

/**
 * Over TLS or TCP only libvirt is reached, and no command runs there: this machine would be checked in place of the
 * host.
 */
function isElsewhere({ uri, transport }: HostSpec): boolean {
  return transport.type === 'local' && /^[a-z]+(?:\+[a-z]+)?:\/\/[^/]/.test(uri);
}

const NOT_ASKED = warns(
  'QEMU, the clock and the connection to the monitors were not checked, because no command can run on the host',
  'give the LibvirtHost a `transport: Transport.ssh(...)`',
);

/** Without the module, `qemu-img` does not know the protocol. */
const DRIVER =
  'qemu-img info rbd: 2>&1; ls /usr/lib/*/qemu/block-rbd.so /usr/lib*/qemu*/block-rbd.so 2>/dev/null; true';

async function blockDriver(host: HostSpec, tools: Tools): Promise<Found[]> {
  const { stdout } = await tools.attempt(onHost(host, 'sh', '-c', DRIVER));
  return judgeBlockDriver(stdout);
}

export function judgeBlockDriver(printed: string): Found[] {
  const fix = 'apt-get install qemu-block-extra (Fedora: dnf install qemu-block-rbd)';
  if (printed.includes("Unknown protocol 'rbd'")) {
    return [fails('QEMU has no block driver for RBD: no VM can start on this host', fix)];
  }
  if (/Pool name is required|block-rbd\.so/.test(printed)) return [];
  return [warns('cannot tell whether QEMU has a block driver for RBD: qemu-img is missing', fix)];
}

const LIBRADOS =
  "dpkg-query -W -f '${Version}' librados2 2>/dev/null || rpm -q --qf '%{VERSION}' librados2 2>/dev/null || ceph --version";

async function versions(host: HostSpec, objects: readonly Wanted[], tools: Tools): Promise<Found[]> {
  const { stdout } = await tools.attempt(onHost(host, 'sh', '-c', LIBRADOS));
  const clusters = objects.flatMap(({ spec }) => (spec as { cluster?: ClusterSpec }).cluster ?? []);
  const pools = ofKind<StoragePoolSpec>(objects, 'storage-pool').map(({ spec }) => spec.name);
  // A host that does not answer is a finding of its own.
  const cluster = clusters[0] && (await clusterVersion(clusters[0], tools).catch(() => undefined));
  return brokenPairs(versionIn(stdout), cluster, pools);
}
