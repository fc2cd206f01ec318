import type { HostSpec, StoragePoolDefinition } from '../../model';
import { storagePoolDifferences } from '../../render/storage-pool';
import { textAt, type XmlElement } from '../../render/xml';
import { virsh } from '../commands';
import { storagePoolNamed } from '../libvirt';
import type { Tools } from '../tools';

export interface FoundPool {
  /** The kept definition; that of a pool without one is what runs. */
  readonly definition: XmlElement;
  readonly uuid: string;
  readonly active: boolean;
  readonly autostart: boolean;
  readonly persistent: boolean;
}

export async function findPool(host: HostSpec, name: string, tools: Tools): Promise<FoundPool | undefined> {
  const definition = await storagePoolNamed(host, name, tools, '--inactive');
  if (definition === undefined) return undefined;
  const info = await tools.run(virsh(host, 'pool-info', '--', name));
  const says = (field: string, word: string) => new RegExp(`^${field}: +${word}$`, 'm').test(info);
  return {
    definition,
    uuid: textAt(definition, 'uuid') ?? '',
    active: says('State', 'running'),
    autostart: says('Autostart', 'yes'),
    persistent: says('Persistent', 'yes'),
  };
}

/**
 * Storage pools carry no mark: one is ours when its uuid is the one that this stack gives to that name, or its definition
 * the wanted one. The provider can't set the uuid (it is computed, 0.9.7), and a host may change its driver.
 */
export function isOurs(found: FoundPool, wanted: StoragePoolDefinition): boolean {
  return found.uuid === wanted.uuid || storagePoolDifferences(found.definition, wanted).length === 0;
}

/** Takes the view away: `pool-delete` would empty the Ceph pool and is never used. */
export async function bringDown(host: HostSpec, name: string, found: FoundPool, tools: Tools): Promise<void> {
  if (found.active) await tools.run(virsh(host, 'pool-destroy', '--', name));
  if (found.persistent) await tools.run(virsh(host, 'pool-undefine', '--', name));
}
