import type { DomainSpec } from '../model';
import type { StateResource } from './ask-terraform';

type Ids = Pick<DomainSpec, 'diskEntryIds'>;

/**
 * The ids of the registry entries of a VM's data disks, which only its script gets, from the state; none for other
 * objects, and with PROVIDER.
 */
export function diskEntryIds(spec: object, resources: readonly StateResource[]): Ids {
  const { entryId, driver, name, disks } = spec as Partial<DomainSpec>;
  if (driver !== 'virsh' || name === undefined || disks === undefined) return {};
  const entry = resources.find(({ values, name: registry }) => values['id'] === entryId && registry.endsWith(DOMAINS));
  const registry = entry && `${entry.name.slice(0, -DOMAINS.length)}_disk_attachments`;
  const ids = Object.keys(disks).flatMap((target) => {
    const found = resources.find((one) => one.name === registry && one.index === `${name}/${target}`);
    return found === undefined ? [] : [[target, String(found.values['id'])] as const];
  });
  return ids.length === 0 ? {} : { diskEntryIds: Object.fromEntries(ids) };
}

const DOMAINS = '_domains';
