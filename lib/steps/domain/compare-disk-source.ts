import { ALIAS_PREFIX } from '../../render/domain/defaults';
import { attributeAt, find, findAll, type XmlElement } from '../../render/xml';
import { isAmong } from '../ceph-monitors';
import { monitorsOf } from './disk-cluster';
import { aliasOf } from './device-fields';
import { isOnlyRead, sourceText } from './disk-source';
import { virshLine } from '../commands';
import { blockJob, overlay } from './disk-overlay';
import { type ComparedVm, type Alteration } from './alteration';

/** What we gave a disk: any of these images, through any of these monitors. Empty: that was not recorded. */
export interface GivenDisk {
  /** "pool/image" */
  readonly images: readonly string[];
  readonly monitors: readonly string[];
}

/**
 * How a disk's source differs from what we gave it: the guest's writes may then be elsewhere, and redefining or
 * undefining the VM would silently lose them. A read-only disk holds nothing that the guest wrote.
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

/** True if the alias of a disk is one of ours; other tools use other names. */
export function hasOurAlias(disk: XmlElement): boolean {
  return aliasOf(disk).startsWith(ALIAS_PREFIX);
}

function otherSource(vm: ComparedVm, disk: XmlElement, target: string, given: GivenDisk): Alteration | undefined {
  const { images } = given;
  const isImage = attributeAt(disk, 'source', 'protocol') === 'rbd' && findAll(disk, 'source/snapshot').length === 0;
  if (isImage && (images.length === 0 || images.includes(attributeAt(disk, 'source', 'name') ?? ''))) return undefined;
  const was = images.length === 0 ? 'an RBD image' : images.map((image) => `'${image}'`).join(' or ');
  return {
    target,
    problem: `is ${sourceText(disk)}, but was defined as ${was}`,
    next: `${edit(vm)}; to keep the other one, copy it into the image first, or set that image in the code`,
  };
}

function otherReading(vm: ComparedVm, disk: XmlElement, target: string): Alteration | undefined {
  const format = attributeAt(disk, 'driver', 'type') ?? 'raw';
  const encrypted = find(disk, 'encryption') ?? find(disk, 'source/encryption');
  if (format === 'raw' && encrypted === undefined) return undefined;
  const how = format === 'raw' ? `with encryption (${encrypted?.attributes['format'] ?? ''})` : `as ${format}`;
  return {
    target,
    problem: `reads ${sourceText(disk)} ${how}, but was defined as raw`,
    next: `convert its content to raw, and ${edit(vm)}`,
  };
}

function otherCluster(vm: ComparedVm, disk: XmlElement, target: string, given: GivenDisk): Alteration | undefined {
  const monitors = monitorsOf(disk);
  if (given.monitors.length === 0 || monitors.some(({ host }) => isAmong({ host }, given.monitors))) return undefined;
  const named = monitors.map(({ host, port }) => (port === undefined ? host : `${host} port ${port}`));
  return {
    target,
    problem: `is ${sourceText(disk)} with the monitors ${named.join(', ') || '(none)'}, but was defined with ${given.monitors.join(', ')}: another cluster may hold what the guest wrote`,
    next: `${edit(vm)}, or set these monitors in the code`,
  };
}

function edit(vm: ComparedVm): string {
  return `put it back ('${virshLine(vm.host, 'edit', vm.name)}')`;
}
