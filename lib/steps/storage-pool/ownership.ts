import type { StoragePoolDefinition, StoragePoolSpec } from '../../model';
import { storagePoolDifferences } from '../../render/storage-pool';
import { Refusal } from '../tools';
import type { FoundPool } from './lookup';

/**
 * Storage pools carry no mark: a pool is ours if its UUID is the one that this stack gives to that name, or if its
 * definition is the wanted one. The provider cannot set the UUID (it is computed, 0.9.7), and a host may change its
 * driver.
 */
export function isOurs(found: FoundPool, wanted: StoragePoolDefinition): boolean {
  return found.uuid === wanted.uuid || storagePoolDifferences(found.definition, wanted).length === 0;
}

/** Throws if a storage pool of the name is not ours. */
export function refuseForeign(spec: StoragePoolSpec, found: FoundPool): void {
  if (isOurs(found, spec)) return;
  const differences = storagePoolDifferences(found.definition, spec);
  const how = differences.length > 0 ? ` (${differences.join(', ')})` : '';
  const commands = [
    ...(found.live ? [`'virsh pool-destroy ${spec.name}'`] : []),
    ...(found.persistent ? [`'virsh pool-undefine ${spec.name}'`] : []),
  ];
  throw new Refusal(
    `storage pool '${spec.name}' already exists with uuid ${found.uuid} and does not belong to this entry${how}`,
    `choose another name, or remove it with ${commands.join(' and ')}: that removes only libvirt's view, no image is touched`,
    'unmarked',
  );
}
