import { ALIAS_PREFIX } from '../../render/domain/defaults';
import { attributeAt, elementsOf, find, findAll, type XmlElement } from '../../render/xml';
import { isAmong } from '../ceph-monitors';
import { monitorsOf } from './disk-cluster';
import { aliasOf } from './device-fields';

/** What a disk was given by us: any of these images, by any of these monitors. Empty: nobody has kept which. */
export interface GivenDisk {
  /** "pool/image" */
  readonly images: readonly string[];
  readonly monitors: readonly string[];
}

/** A VM whose disks are compared. */
export interface ComparedVm {
  readonly host: { readonly uri: string };
  readonly name: string;
  readonly active: boolean;
}

/** How one disk is not what it was defined as, and what mends it. */
export interface Alteration {
  readonly target: string;
  /** What is said of the disk: "is being copied to ..." */
  readonly problem: string;
  readonly next: string;
}

/**
 * How a disk's source differs from what we gave it: what the guest wrote may be elsewhere then, and a redefinition or an
 * undefinition would lose it without a word. A disk that can only be read holds nothing of the guest's.
 */
export function alterationOf(vm: ComparedVm, disk: XmlElement, given: GivenDisk): Alteration | undefined {
  if (isOnlyRead(disk)) return undefined;
  const target = attributeAt(disk, 'target', 'dev') ?? '';
  return (
    blockJob(vm, disk, target) ??
    overlay(vm, disk, target) ??
    otherSource(vm, disk, target, given) ??
    otherReading(vm, disk, target) ??
    otherCluster(vm, disk, target, given)
  );
}

/** Whether a disk carries a name that we give; another tool's are none of ours. */
export function hasOurAlias(disk: XmlElement): boolean {
  return aliasOf(disk).startsWith(ALIAS_PREFIX);
}

function isOnlyRead(disk: XmlElement): boolean {
  return (disk.attributes['device'] ?? 'disk') !== 'disk' || find(disk, 'readonly') !== undefined;
}

function blockJob(vm: ComparedVm, disk: XmlElement, target: string): Alteration | undefined {
  const mirror = find(disk, 'mirror');
  if (mirror === undefined) return undefined;
  const job = mirror.attributes['job'] ?? 'copy';
  const line = (option: string): string => virshLine(vm, 'blockjob', vm.name, target, option);
  if (job === 'active-commit') {
    return {
      target,
      problem: `is being merged into ${sourceText(mirror)} (a block commit that is not pivoted)`,
      next: `let it end by '${line('--pivot')}', then try again`,
    };
  }
  const to = sourceText(mirror);
  return {
    target,
    problem: `is being copied to ${to} (a block job, '${job}')`,
    next: `wait until that is over, or give it up by '${line('--abort')}', then try again`,
  };
}

function overlay(vm: ComparedVm, disk: XmlElement, target: string): Alteration | undefined {
  const below = layersBelow(disk);
  if (below.length === 0) return undefined;
  return {
    target,
    problem: `is the overlay ${sourceText(disk)} over ${below.map(sourceText).join(' over ')} (an external snapshot): what the guest wrote since is there alone`,
    next: `merge it by '${mergeLine(vm, target)}', then try again`,
  };
}

/** libvirt merges while QEMU has the disk only: a VM that is off is started for it, without letting the guest run. */
function mergeLine(vm: ComparedVm, target: string): string {
  const merge = virshLine(vm, 'blockcommit', vm.name, target, '--active', '--pivot');
  if (vm.active) return merge;
  return `${virshLine(vm, 'start', '--paused', vm.name)} && ${merge} && ${virshLine(vm, 'destroy', vm.name)}`;
}

function otherSource(vm: ComparedVm, disk: XmlElement, target: string, given: GivenDisk): Alteration | undefined {
  const { images } = given;
  const isImage = attributeAt(disk, 'source', 'protocol') === 'rbd' && findAll(disk, 'source/snapshot').length === 0;
  if (isImage && (images.length === 0 || images.includes(attributeAt(disk, 'source', 'name') ?? ''))) return undefined;
  const was = images.length === 0 ? 'an RBD image' : images.map((image) => `'${image}'`).join(' or ');
  return {
    target,
    problem: `is ${sourceText(disk)}, and was defined as ${was}`,
    next: `${edit(vm)}; where the other is its disk from now on, bring it into the image first, or give the image in code`,
  };
}

function otherReading(vm: ComparedVm, disk: XmlElement, target: string): Alteration | undefined {
  const format = attributeAt(disk, 'driver', 'type') ?? 'raw';
  const encrypted = find(disk, 'encryption') ?? find(disk, 'source/encryption');
  if (format === 'raw' && encrypted === undefined) return undefined;
  const how = format === 'raw' ? `with encryption (${encrypted?.attributes['format'] ?? ''})` : `as ${format}`;
  return {
    target,
    problem: `reads ${sourceText(disk)} ${how}, and was defined as raw`,
    next: `make its content raw, and ${edit(vm)}`,
  };
}

function otherCluster(vm: ComparedVm, disk: XmlElement, target: string, given: GivenDisk): Alteration | undefined {
  const monitors = monitorsOf(disk);
  if (given.monitors.length === 0 || monitors.some(({ host }) => isAmong({ host }, given.monitors))) return undefined;
  const named = monitors.map(({ host, port }) => (port === undefined ? host : `${host} port ${port}`));
  return {
    target,
    problem: `is ${sourceText(disk)} by the monitors ${named.join(', ') || '(none)'}, and was defined by ${given.monitors.join(', ')}: another cluster may hold what the guest wrote`,
    next: `${edit(vm)}, or give these monitors in code`,
  };
}

function edit(vm: ComparedVm): string {
  return `put it back ('${virshLine(vm, 'edit', vm.name)}')`;
}

function virshLine({ host }: ComparedVm, ...argv: string[]): string {
  return `virsh --connect ${host.uri} ${argv.join(' ')}`;
}

/** Whatever is under a disk; libvirt ends a chain that it knows to its end by an empty element. */
function layersBelow(disk: XmlElement): XmlElement[] {
  const below = find(disk, 'backingStore');
  return below === undefined || elementsOf(below).length === 0 ? [] : [below, ...layersBelow(below)];
}

/** "'pool/image'", "'/srv/web1.s1'" */
function sourceText(layer: XmlElement): string {
  const { protocol, name, file, dev, dir, pool, volume } = find(layer, 'source')?.attributes ?? {};
  const path = protocol === 'rbd' ? name : protocol === undefined ? (file ?? dev ?? dir) : `${protocol}:${name ?? ''}`;
  const snapshot = attributeAt(layer, 'source/snapshot', 'name');
  const text = volume === undefined ? path : `${pool ?? ''}/${volume}`;
  if (text === undefined) return `a disk of type ${layer.attributes['type'] ?? 'none'}`;
  return `'${text}${snapshot === undefined ? '' : `@${snapshot}`}'`;
}
