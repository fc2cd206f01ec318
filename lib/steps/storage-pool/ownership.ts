import type { StoragePoolDefinition, StoragePoolSpec } from '../../model';
import { storagePoolDifferences } from '../../render/storage-pool';
import { Refusal } from '../tools';
import type { FoundPool } from './lookup';

/**
 * Storage pools carry no mark: one is ours when its uuid is the one that this stack gives to that name, or its
 * definition the wanted one. The provider can't set the uuid (it is computed, 0.9.7), and a host may change its driver.
 */
export function isOurs(found: FoundPool, wanted: StoragePoolDefinition): boolean {
  return found.uuid === wanted.uuid || storagePoolDifferences(found.definition, wanted).length === 0;
}

/** Throws where a storage pool of the name is not ours. */
export function refuseForeign(spec: StoragePoolSpec, found: FoundPool): void {
  if (isOurs(found, spec)) return;
  const differences = storagePoolDifferences(found.definition, spec);
  const how = differences.length > 0 ? ` (${differences.join(', ')})` : '';
  const commands = [
    ...(found.live ? [`'virsh pool-destroy ${spec.name}'`] : []),
    ...(found.persistent ? [`'virsh pool-undefine ${spec.name}'`] : []),
  ];
  throw new Refusal(
    `storage pool '${spec.name}' is there with uuid ${found.uuid} and was not made by this entry${how}`,
    `take another name, or clear it with ${commands.join(' and ')}: that ends only libvirt's view, no image is touched`,
    'unmarked',
  );
}
