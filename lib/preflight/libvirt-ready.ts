import type { DomainSpec, HostSpec, StoragePoolSpec } from '../model';
import { findAll, parseXml } from '../render/xml';
import { virsh } from '../steps/commands';
import { refuseUnsupported } from '../steps/domain/capabilities';
import { type Outcome, Refusal, ToolError, type Tools } from '../steps/tools';
import { type Found, fails, refused } from './finding';
import { ofKind, type Wanted } from './places';

/** `virsh capabilities`; throws if libvirt does not answer. */
export async function capabilitiesOf(host: HostSpec, tools: Tools): Promise<string> {
  const command = virsh(host, 'capabilities');
  const outcome = await tools.attempt(command, { timeout: 60 });
  if (outcome.exitCode === 0) return outcome.stdout;
  const fix = FIXES.find(([pattern]) => pattern.test(outcome.stderr))?.[1];
  if (fix === undefined) throw new ToolError(command, outcome);
  throw new Refusal(`libvirt does not answer: ${lastLine(outcome)}`, fix, 'libvirt-silent');
}

const FIXES: readonly (readonly [RegExp, string])[] = [
  [/Host key verification failed/i, 'ssh to the host once by hand, and accept its key'],
  [/Permission denied \(/i, "authorize this user's ssh key there: ssh-copy-id"],
  [
    /authentication unavailable|access denied|Permission denied/i,
    'give the user access to libvirt there: usermod -aG libvirt USER',
  ],
  [
    /Failed to connect socket|Connection refused|No such file/i,
    'start it there: systemctl enable --now libvirtd.socket (modular daemons: virtqemud.socket virtsecretd.socket virtstoraged.socket)',
  ],
  [
    /timed out|No route|not resolve|Name or service/i,
    'check that the host is up and its name is right: getent hosts, ping',
  ],
];

function lastLine({ stderr }: Outcome): string {
  return stderr.trim().split('\n').at(-1) ?? '';
}

/** What VMs and storage pools require of libvirt, and of QEMU. */
export async function libvirtReady(host: HostSpec, objects: readonly Wanted[], tools: Tools): Promise<Found[]> {
  const domains = ofKind<DomainSpec>(objects, 'domain').map(({ spec }) => spec);
  const pools = ofKind<StoragePoolSpec>(objects, 'storage-pool');
  return [
    ...(pools.length > 0 ? await storageDriver(host, tools) : []),
    ...(await machines(domains, tools)),
    ...(await networks(host, domains, tools)),
  ];
}

/** libvirt reports its storage drivers since 5.2; older ones are not judged. */
async function storageDriver(host: HostSpec, tools: Tools): Promise<Found[]> {
  const { exitCode, stdout } = await tools.attempt(virsh(host, 'pool-capabilities'));
  if (exitCode !== 0) return [];
  const rbd = findAll(parseXml(stdout), 'pool').find(({ attributes }) => attributes['type'] === 'rbd');
  if (rbd?.attributes['supported'] === 'yes') return [];
  return [
    fails(
      'libvirt has no storage driver for RBD',
      'apt-get install libvirt-daemon-driver-storage-rbd && systemctl restart libvirtd (Fedora: dnf install libvirt-daemon-driver-storage-rbd)',
    ),
  ];
}

/** What VMs require of the host's QEMU; each fault once, even if many VMs have it. */
async function machines(domains: readonly DomainSpec[], tools: Tools): Promise<Found[]> {
  const all: Found[] = [];
  for (const spec of domains) {
    const one = await refuseUnsupported(spec, tools).then(() => undefined, refused);
    if (one !== undefined && !all.some(({ fix }) => fix === one.fix)) all.push(one);
  }
  return all;
}

/** A VM does not start on a libvirt network that is missing or inactive. */
async function networks(host: HostSpec, domains: readonly DomainSpec[], tools: Tools): Promise<Found[]> {
  const wanted = new Set(
    domains.flatMap(({ networkInterfaces = [] }) => networkInterfaces.flatMap(({ network }) => network ?? [])),
  );
  if (wanted.size === 0) return [];
  const names = async (...flags: string[]): Promise<string[]> =>
    (await tools.run(virsh(host, 'net-list', '--name', ...flags))).split('\n').map((line) => line.trim());
  const [active, all] = [await names(), await names('--all')];
  return [...wanted].flatMap((name) => {
    if (active.includes(name)) return [];
    return all.includes(name)
      ? [fails(`the network '${name}' is not active`, `virsh net-start ${name} && virsh net-autostart ${name}`)]
      : [fails(`the host has no network '${name}'`, `virsh net-define FILE && virsh net-start ${name}`)];
  });
}
