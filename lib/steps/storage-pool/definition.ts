import type { StoragePoolSpec } from '../../model';
import { amendStoragePool, renderStoragePool, storagePoolDifferences } from '../../render/storage-pool';
import { renderXml } from '../../render/xml';
import { virsh } from '../commands';
import { differs, OK, type Step } from '../step';
import { definitionByHand } from './runbook-lines';
import { explained } from './explain-libvirt-errors';
import type { FoundPool, PoolWorld } from './lookup';
import { refuseForeign } from './ownership';
import { bringDown } from './remove';

/** VIRSH: the pool is defined as wanted. */
export const definition: Step<StoragePoolSpec, PoolWorld> = {
  name: 'define it',
  describe: definitionByHand,

  judge(spec, { found }) {
    if (found === undefined) return differs('it is missing');
    refuseForeign(spec, found);
    const different = definitionDiffers(spec, found);
    if (isOfProvider(spec, found)) different.push(`its uuid is ${found.uuid}, which the provider chose`);
    return different.length === 0 ? OK : differs(different.join(', '));
  },

  async act(spec, { found }, tools) {
    const anew = found === undefined || isOfProvider(spec, found);
    if (found && anew) await bringDown(spec, found, tools);
    const input = anew ? renderStoragePool(spec) : renderXml(amendStoragePool(found.definition, spec));
    await explained(spec, tools.run(virsh(spec.host, 'pool-define', '/dev/stdin'), { input }));
  },
};

export function definitionDiffers(spec: StoragePoolSpec, found: FoundPool): string[] {
  const lost = found.persistent ? [] : ['it is lost when libvirt restarts'];
  return [...storagePoolDifferences(found.definition, spec), ...lost];
}

/** The host had the other driver before. Its UUID identifies the pool as ours even if its definition changes. */
function isOfProvider(spec: StoragePoolSpec, { uuid }: FoundPool): boolean {
  return uuid !== spec.uuid;
}
