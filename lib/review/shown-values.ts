import type { FieldChange } from './changed-fields';
import { valuesOf } from './values';

/**
 * Fields whose values may be shown. All others are only named, because a plan's JSON contains secrets in clear text.
 */
const SHOWN: ReadonlySet<string> = new Set([
  ...['size', 'memory', 'maxMemory', 'vcpus', 'maxVcpus', 'running', 'restartPolicy', 'shutdownTimeout', 'autostart'],
  ...['driver', 'removalPolicy', 'trashExpiry', 'keyGeneration', 'pgNum', 'minSize', 'autoscaleMode', 'bulk'],
  ...['name', 'pool', 'image', 'entity', 'clientId', 'crushRule', 'adopt', 'network', 'bridge', 'model', 'linkUp'],
  ...['bus', 'readOnly', 'cdrom', 'bootIndex', 'cache', 'discard', 'machineType', 'cpuMode', 'cpuModel', 'domainType'],
  ...['hugePageSize', 'architecture', 'firmware', 'tpm', 'ballooning', 'rng', 'watchdog', 'vnc', 'spice', 'guestAgent'],
]);
const SHAPE = /^[\w .:/-]{1,80}$/;
/** Capabilities name pools and profiles, and contain no key. */
const CAPABILITIES = /^[\w .,:;/=*"'-]{1,200}$/;

const HIDDEN = '(hidden)';

/** 'memory: 2 GiB -> 4 GiB', 'disks.vdb.serial: (hidden)'. */
export function shownChange(change: FieldChange): string {
  const { path, before, after, unknown, sensitive } = change;
  const name = path.join('.') || 'every field';
  if (sensitive) return `${name}: ${HIDDEN}`;
  if (path[0] === 'owner') return `${name}: ${ownerText(before)} -> ${unknown ? LATER : ownerText(after)}`;
  if (path[0] === 'caps') return `${name}: ${capabilities(before)} -> ${unknown ? LATER : capabilities(after)}`;
  const element = isElement(path) ? elementOf(before ?? after) : undefined;
  if (element !== undefined && !unknown && (before == null) !== (after == null)) {
    return `${name}: ${before == null ? 'added' : 'removed'}${element}`;
  }
  const [was, is] = [shown(before), unknown ? LATER : shown(after)];
  return SHOWN.has(path.at(-1) ?? '') && was !== undefined && is !== undefined
    ? `${name}: ${was} -> ${is}`
    : `${name}: ${HIDDEN}`;
}

const LATER = 'known after apply';

/** One disk or interface of a VM. */
export function isElement(path: readonly string[]): boolean {
  return path.length === 2 && (path[0] === 'disks' || path[0] === 'networkInterfaces');
}

/** ' (image vms/web1-vdb, bus virtio)'. */
function elementOf(element: unknown): string {
  const parts = Object.entries(valuesOf(element)).flatMap(([name, value]) => {
    const text = SHOWN.has(name) && value !== null ? shown(value) : undefined;
    return text === undefined ? [] : [`${name} ${text}`];
  });
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/** "mon 'profile rbd', osd 'profile rbd pool=vms'". */
function capabilities(caps: unknown): string {
  const parts = Object.entries(valuesOf(caps)).flatMap(([daemon, cap]) => {
    if (cap === null) return [];
    return [`${daemon} ${typeof cap === 'string' && CAPABILITIES.test(cap) ? `'${cap}'` : HIDDEN}`];
  });
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** 'project shop, stack prod, workspace default'. */
function ownerText(owner: unknown): string {
  const { project, stack, workspace } = valuesOf(owner);
  return Object.entries({ project, stack, workspace })
    .map(([part, value]) => `${part} ${shown(value) ?? HIDDEN}`)
    .join(', ');
}

function shown(value: unknown): string | undefined {
  if (value === undefined || value === null) return 'not set';
  const plain =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  return SHAPE.test(plain) ? plain : undefined;
}
