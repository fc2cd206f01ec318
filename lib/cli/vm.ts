import type { DomainSpec } from '../model';
import { attributeAt, find, findAll, type XmlElement } from '../render/xml';
import { observeDomain, type ObservedDomain } from '../steps/domain/observe';
import { CLONE_SNAPSHOT } from '../steps/rbd-image/clone';
import { parseImageSpec, snapshots, type ImageRef } from '../steps/rbd-image/image';
import { Refusal, type Tools } from '../steps/tools';
import { onCluster, type Session } from './session';
import { ofKind } from './specs';

/** A disk of a VM: where it shows, and its image. */
export interface VmDisk {
  readonly target: string;
  readonly image: ImageRef;
  /** "pool/image" */
  readonly spec: string;
}

/** A VM of the stack with what its host says of it now. */
export interface Vm {
  readonly spec: DomainSpec;
  /** Undefined: its host knows no VM of that name. */
  readonly found: ObservedDomain | undefined;
  /** Its RBD disks that can be written to. */
  readonly disks: readonly VmDisk[];
}

/** A snapshot of each disk that has one of that name, by target. */
export interface VmSnapshot {
  readonly name: string;
  readonly disks: { readonly [target: string]: DiskSnapshot };
}
export interface DiskSnapshot {
  readonly spec: string;
  /** Bytes. */
  readonly size: number;
  /** As `rbd` prints it. */
  readonly taken: string;
}

/** The VM of that name, or of that address. */
export async function findVm(session: Session, name: string): Promise<Vm> {
  const all = ofKind<DomainSpec>(await session.objects(), 'domain');
  const address = name.replace(/^terraform_data\./, '');
  const hits = all.filter((one) => one.spec.name === name || one.name === address);
  const spec = hits[0]?.spec;
  if (spec === undefined || hits.length > 1) {
    const known = all.map((one) => (one.spec.name === one.name ? one.name : `${one.spec.name} (${one.name})`));
    const problem = spec === undefined ? 'the stack has no applied VM' : 'several VMs of the stack are called';
    throw new Refusal(`${problem} '${name}'`, `its VMs are: ${known.join(', ') || 'none'}`);
  }
  return lookAtVm(spec, session.tools);
}

export async function lookAtVm(spec: DomainSpec, tools: Tools): Promise<Vm> {
  const found = await observeDomain(tools, spec.host, spec.name);
  return { spec, found, disks: disksOf(spec, found?.live ?? found?.definition) };
}

/** What the VM has now, also what was attached by hand; where there is no VM, what the stack gives it. */
export function disksOf(spec: Pick<DomainSpec, 'cluster' | 'disks'>, definition: XmlElement | undefined): VmDisk[] {
  const disk = (target: string, image: string): VmDisk => {
    const { pool, name } = parseImageSpec(image);
    return { target, spec: image, image: { cluster: spec.cluster, pool, name } };
  };
  if (definition === undefined) {
    return Object.entries(spec.disks)
      .filter(([, { readOnly, cdrom }]) => !readOnly && !cdrom)
      .map(([target, { image }]) => disk(target, image));
  }
  return findAll(definition, 'devices/disk')
    .filter((one) => attributeAt(one, 'source', 'protocol') === 'rbd' && find(one, 'readonly') === undefined)
    .filter((one) => (one.attributes['device'] ?? 'disk') !== 'cdrom')
    .map((one) => disk(attributeAt(one, 'target', 'dev') ?? '', attributeAt(one, 'source', 'name') ?? ''));
}

/** The snapshots that any disk of the VM has, the one that clones are made from aside. */
export async function vmSnapshots({ spec, disks }: Vm, tools: Tools): Promise<VmSnapshot[]> {
  const found = await onCluster(spec.cluster, tools, () =>
    Promise.all(disks.map(async (disk) => ({ disk, all: await snapshots(tools, disk.image) }))),
  );
  const byName = new Map<string, { [target: string]: DiskSnapshot }>();
  for (const { disk, all } of found) {
    for (const { name, size, timestamp } of all) {
      if (name === CLONE_SNAPSHOT) continue;
      const ofName = byName.get(name) ?? {};
      ofName[disk.target] = { spec: `${disk.spec}@${name}`, size, taken: timestamp };
      byName.set(name, ofName);
    }
  }
  return [...byName].map(([name, ofName]) => ({ name, disks: ofName }));
}

/** The snapshot of every disk; a `Refusal` when one has none of that name. */
export async function wholeSnapshot(vm: Vm, name: string, tools: Tools): Promise<VmSnapshot> {
  const all = await vmSnapshots(vm, tools);
  const found = all.find((one) => one.name === name);
  const without = vm.disks.filter(({ target }) => found?.disks[target] === undefined);
  if (found !== undefined && without.length === 0) return found;
  const which = found === undefined ? '' : ` of ${without.map(({ target }) => target).join(', ')}`;
  throw new Refusal(
    `VM '${vm.spec.name}' has no snapshot '${name}'${which}`,
    `its snapshots are: ${all.map((one) => one.name).join(', ') || 'none'}`,
  );
}
