import type { StoragePoolSpec } from '../../model';
import { amendStoragePool, renderStoragePool, storagePoolDifferences } from '../../render/storage-pool';
import { renderXml } from '../../render/xml';
import { virsh } from '../commands';
import { differs, OK, okButEnsure, type Step } from '../step';
import { Refusal, type Tools } from '../tools';
import { bringDown, findPool, type FoundPool, isOurs } from './found';
import { explained } from './faults';

/** VIRSH: the pool is defined as wanted. PROVIDER: nothing is in the way of the provider, which makes it after this. */
export const definition: Step<StoragePoolSpec> = {
  name: 'definition',
  describe: (spec) => ["virsh pool-define /dev/stdin <<'XML'", ...renderStoragePool(spec).trimEnd().split('\n'), 'XML'],

  async observe(spec, tools) {
    const found = await findPool(spec.host, spec.name, tools);
    if (found === undefined) return differs('it is missing');
    refuseForeign(spec, found);
    const differences = storagePoolDifferences(found.definition, spec);
    if (isOfProvider(found, spec)) differences.push(`its uuid is ${found.uuid}, of the provider's choice`);
    if (!found.persistent) differences.push('it is not kept over a restart of libvirt');
    if (differences.length > 0) return differs(differences.join(', '));
    return spec.driver === 'provider' ? okButEnsure('one that is there already makes room for the provider') : OK;
  },

  async act(spec, tools) {
    const found = await findPool(spec.host, spec.name, tools);
    if (found) refuseForeign(spec, found);
    const anew = found === undefined || spec.driver === 'provider' || isOfProvider(found, spec);
    if (found && anew) await bringDown(spec.host, spec.name, found, tools);
    if (spec.driver === 'provider') return tryOut(spec, tools);
    const input = anew ? renderStoragePool(spec) : renderXml(amendStoragePool(found.definition, spec));
    await explained(spec, tools.run(virsh(spec.host, 'pool-define', '/dev/stdin'), { input }));
  },
};

/** What keeps libvirt from making the pool is told by us, with the next step: the provider after this has only libvirt's words. */
async function tryOut(spec: StoragePoolSpec, tools: Tools): Promise<void> {
  await explained(spec, tools.run(virsh(spec.host, 'pool-create', '/dev/stdin'), { input: renderStoragePool(spec) }));
  await tools.run(virsh(spec.host, 'pool-destroy', '--', spec.name));
}

/** VIRSH: the host's driver was another before. By its uuid the pool is known as ours also when its definition changes. */
function isOfProvider(found: FoundPool, spec: StoragePoolSpec): boolean {
  return spec.driver === 'virsh' && found.uuid !== spec.uuid;
}

function refuseForeign(spec: StoragePoolSpec, found: FoundPool): void {
  if (isOurs(found, spec)) return;
  const differences = storagePoolDifferences(found.definition, spec);
  const how = differences.length > 0 ? ` (${differences.join(', ')})` : '';
  const commands = [
    ...(found.active ? [`'virsh pool-destroy ${spec.name}'`] : []),
    ...(found.persistent ? [`'virsh pool-undefine ${spec.name}'`] : []),
  ];
  throw new Refusal(
    `storage pool '${spec.name}' is there with uuid ${found.uuid} and was not made by this entry${how}`,
    `take another name, or clear it with ${commands.join(' and ')}: that ends only libvirt's view, no image is touched`,
  );
}
